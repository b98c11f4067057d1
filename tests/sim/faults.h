// SPDX-License-Identifier: MPL-2.0
// What goes wrong: power cuts at a change on disk or everywhere at once, calls to the disk that fail, full
// disks, clocks that jump, networks that fall apart, processes that stand still, operators who change the
// servers. Which of them, and how often, the history's options say. When each strikes is planned beforehand,
// and each draws from a generator of its own, so that one can be left out and the others stay what they
// were.
#pragma once

#include <vector>

#include "tests/sim/cluster.h"

namespace sim {

struct Strike {
  core::Instant at;
  std::uint64_t seed = 0;  // of all that it draws
};

// The strikes of a history that is in trouble for so long, in order of time.
std::vector<Strike> plan_strikes(core::Rng rng, const FaultOptions& options, core::Duration trouble);

class Faults {
 public:
  Faults(World& world, Cluster& cluster, const FaultOptions& options);

  // REQUIRES: none of them lies in the past.
  void start(const std::vector<Strike>& strikes);
  void stop() { on_ = false; }
  std::uint64_t count() const { return count_; }

 private:
  void strike(core::Rng rng);
  void strike(Node& node, core::Rng& rng);
  void fall_apart(core::Rng& rng);
  void black_out(core::Rng& rng);
  void start_again(Node& node, core::Rng& rng);
  void rot(Node& node);

  World& world_;
  Cluster& cluster_;
  FaultOptions options_;
  bool on_ = true;
  std::uint64_t count_ = 0;
};

}  // namespace sim
