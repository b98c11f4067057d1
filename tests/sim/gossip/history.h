// SPDX-License-Identifier: MPL-2.0
// One seed's history of gossip: members come together, then anything goes, then all heals; from then on they must agree
// within a bound, and nothing may happen any more.
#pragma once

#include <vector>

#include "tests/sim/gossip/attacker.h"
#include "tests/sim/gossip/faults.h"
#include "tests/sim/gossip/ledger.h"
#include "tests/sim/setup.h"

namespace sim::gossip {

struct Outcome {
  std::string broken;    // empty: all held
  core::Digest history;  // equal for equal runs
  std::uint64_t steps = 0, events = 0, faults = 0, forgeries = 0;
  core::Duration took_to_agree{};  // after healing
};

class History {
 public:
  // `setup.servers` is how many members there are.
  History(std::uint64_t seed, const Setup& setup);
  Outcome run();
  const std::vector<Strike>& planned() const { return planned_; }

 private:
  void look_around();
  // What keeps members from being agreed and at rest.
  std::string unrest() const;
  bool agree_within(core::Duration bound);
  void check_quiet();

  test::World world_;
  Options options_;
  core::Duration trouble_;
  std::vector<Strike> planned_, strikes_;
  Hosts hosts_;
  Ledger ledger_;
  Attacker attacker_;
  Faults faults_;
};

}  // namespace sim::gossip
