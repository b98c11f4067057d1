// SPDX-License-Identifier: MPL-2.0
// What a seed draws before a history of gossip begins.
#pragma once

#include <string>

#include "tests/support/gossip_world.h"

namespace sim::gossip {

// Each kind of fault strikes again and again while faults go on, or not at all in this history.
struct FaultOptions {
  core::Duration pause{};  // until the next fault is drawn from [0, this)
  bool crashes = false;    // processes and hosts end and come back, some with another address or another server
  bool partitions = false;
  bool pauses = false;
  bool slowness = false;
  bool leaves = false;     // of themselves, or because an operator says so
  bool rotations = false;  // of keys
};

struct Options {
  std::size_t members = 3;
  // The first so many are never hit by a fault, and always reach each other: nobody may take one of them for failed.
  // None of them is one where the network is so bad, or falls apart so far, that nobody can know.
  std::size_t bystanders = 0;
  std::size_t regions = 1;
  bool wan = false;  // timings for continents, with distances to match
  test::GossipNetwork network;
  std::int64_t drift_per_mille = 0;  // at most, of each clock
  core::Duration forgery{};          // between two attempts of an attacker; zero: there is none
  FaultOptions faults;

  bool strict() const { return bystanders > 0; }
  core::gossip::Timing timing() const { return wan ? core::gossip::wan() : core::gossip::lan(); }
};

// `members` 0: drawn too.
Options draw_options(core::Rng& rng, std::size_t members);
std::string to_string(const Options& options);

}  // namespace sim::gossip
