// SPDX-License-Identifier: MPL-2.0
// One seed's history, in two phases: first anything goes, and nothing that was promised may be broken;
// then everything heals, and what was begun must come to an end.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "tests/sim/faults.h"
#include "tests/sim/setup.h"
#include "tests/sim/workload.h"

namespace sim {

// Evaluations that gave up are tried again after a minute; all else needs a fraction of it.
inline constexpr core::Duration kCalm = std::chrono::seconds(75);
inline constexpr core::Duration kHistory = kTrouble + kCalm;

struct Outcome {
  std::string broken;      // empty: all held
  core::Digest history;    // equal for equal runs
  std::uint64_t acknowledged = 0, reads = 0, entries = 0, faults = 0;
};

class History {
 public:
  History(std::uint64_t seed, const Setup& setup);
  Outcome run();
  const Options& options() const { return options_; }
  // All that the seed plans, whether they are to happen or not.
  const std::vector<Strike>& planned() const { return planned_; }

 private:
  void wait_for_the_slow();
  std::optional<std::uint64_t> least_applied() const;
  void check_end();

  World world_;
  Options options_;
  core::Duration trouble_;
  std::vector<Strike> planned_, strikes_;
  Ledger ledger_;
  Cluster cluster_;
  Workload workload_;
  Faults faults_;
};

}  // namespace sim
