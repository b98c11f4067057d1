// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "tests/support/raft_chaos.h"

TEST_CASE("no random trouble breaks a truth of figure 3, and peace always mends it",
          "[raft][raft-5.4.3][chaos]") {
  test::ChaosReport sum;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    CAPTURE(seed);
    const auto report = test::run_chaos(seed);
    REQUIRE(report.broken == "");
    sum.committed += report.committed;
    sum.acknowledged += report.acknowledged;
    sum.snapshots_sent += report.snapshots_sent;
    sum.changes += report.changes;
    sum.transfers += report.transfers;
  }
  // The trouble must not be such that nothing happens.
  CHECK(sum.committed > 400 * 100);
  CHECK(sum.acknowledged > 400 * 50);
  CHECK(sum.snapshots_sent > 400);
  CHECK(sum.changes > 100);
  CHECK(sum.transfers > 100);
}

TEST_CASE("a seed gives the same history each time", "[raft][chaos]") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed)
    CHECK(test::run_chaos(seed).fingerprint == test::run_chaos(seed).fingerprint);
}
