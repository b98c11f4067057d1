// SPDX-License-Identifier: MPL-2.0
// What goes wrong among members: processes and hosts end and come back, the network falls apart, processes stand still
// or are slow, members leave or are told off, keys change.
#pragma once

#include <vector>

#include "tests/sim/gossip/hosts.h"
#include "tests/sim/strikes.h"

namespace sim::gossip {

class Faults {
 public:
  using Member = Hosts::Member;
  Faults(test::World& world, Hosts& hosts);

  // Trouble begins now.
  void start(const std::vector<Strike>& strikes);
  // No faults any more; some of those that are down come back.
  void heal();
  std::uint64_t count() const { return count_; }

 private:
  using Kind = void (Faults::*)(core::Rng& rng);
  void strike(core::Rng rng);
  // One that a fault may hit.
  Member victim(core::Rng& rng) const;
  void crash(core::Rng& rng);
  void part(core::Rng& rng);
  void pause(core::Rng& rng);
  void slow_down(core::Rng& rng);
  void leave(core::Rng& rng);
  void tell_off(core::Rng& rng);
  void rotate(core::Rng& rng);
  void each_soon(core::Rng& rng, void (SealedWire::*step)(Member));
  void come_back_soon(Member member, core::Rng& rng);

  test::World& world_;
  Hosts& hosts_;
  core::Rng rng_;
  std::vector<Kind> kinds_;
  bool on_ = true;
  bool rotating_ = false;
  std::uint64_t count_ = 0;
};

}  // namespace sim::gossip
