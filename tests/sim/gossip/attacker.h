// SPDX-License-Identifier: MPL-2.0
// Somebody on the network without a key: hears what passes by, and sends it again, cut short, with a bit turned over,
// or packets of its own, sealed under other keys and for other clusters. None of it may get in. One thing it can do:
// a packet that was meant for another member opens, once, as one the network brought astray; that must do no harm.
#pragma once

#include <deque>

#include "tests/sim/gossip/hosts.h"

namespace sim::gossip {

class Attacker {
 public:
  using Member = Hosts::Member;
  Attacker(test::World& world, Hosts& hosts);
  // From now on. Without options.forgery, nothing.
  void start();
  // From now on nothing of what it sends may open: what was lost and comes late is news to its receiver.
  void calm() { calm_ = true; }
  std::uint64_t refused() const { return refused_; }

 private:
  struct Heard {
    Member from, to;
    bool stream = false;
    core::Bytes sealed;
  };
  void attack();
  core::Bytes forge(const Heard& heard);
  core::Bytes lie(Member victim, bool stream);
  // Must not get in.
  void inject(Member victim, bool stream, const core::Bytes& sealed);
  core::gossip::Endpoint source();

  test::World& world_;
  Hosts& hosts_;
  core::Rng rng_;
  std::deque<Heard> heard_;
  std::uint64_t refused_ = 0;
  bool calm_ = false;
};

}  // namespace sim::gossip
