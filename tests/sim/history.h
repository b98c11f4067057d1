// SPDX-License-Identifier: MPL-2.0
// One seed's history, in two phases: first anything goes, and nothing that was promised may be broken;
// then everything heals, and what was begun must come to an end.
#pragma once

#include "tests/sim/faults.h"
#include "tests/sim/workload.h"

namespace sim {

struct Outcome {
  std::string broken;      // empty: all held
  core::Digest history;    // equal for equal runs
  std::uint64_t acknowledged = 0, reads = 0, entries = 0, faults = 0;
};

class History {
 public:
  History(std::uint64_t seed, std::size_t servers, bool talk);
  Outcome run();

 private:
  void check_end();

  World world_;
  Options options_;
  Ledger ledger_;
  Cluster cluster_;
  Workload workload_;
  Faults faults_;
};

}  // namespace sim
