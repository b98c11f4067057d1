// SPDX-License-Identifier: MPL-2.0
// One seed's history, in two phases: first anything goes, and nothing that was promised may be broken;
// then everything heals, and what was begun must come to an end.
#pragma once

#include <optional>
#include <vector>

#include "tests/sim/faults.h"
#include "tests/sim/workload.h"

namespace sim {

inline constexpr core::Duration kTrouble = std::chrono::seconds(20);
// Evaluations that gave up are tried again after a minute; all else needs a fraction of it.
inline constexpr core::Duration kCalm = std::chrono::seconds(75);
inline constexpr core::Duration kHistory = kTrouble + kCalm;

// What is asked for instead of drawn.
struct Setup {
  std::size_t servers = 0;                        // 0: drawn
  std::optional<std::vector<std::size_t>> only;   // the strikes that happen, by number from 1; else all do
  core::Duration trouble = kTrouble;              // how long users and faults go on
  bool talk = false;
};

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
