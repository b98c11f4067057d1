// SPDX-License-Identifier: MPL-2.0
// One seed of random trouble for a RaftCluster: writes, reads, changes of servers and of leadership
// amid crashes, pauses, cuts and loss; then peace, in which everything must come together.
#pragma once

#include <cstdint>
#include <string>

namespace test {

struct ChaosReport {
  std::string broken;  // empty: all held
  std::uint64_t committed = 0;
  std::uint64_t acknowledged = 0;
  std::uint64_t terms = 0;
  std::uint64_t reads = 0;
  std::uint64_t snapshots_sent = 0;
  std::uint64_t changes = 0;
  std::uint64_t transfers = 0;
  std::string fingerprint;  // of the whole history: equal for equal seeds
};

ChaosReport run_chaos(std::uint64_t seed);

}  // namespace test
