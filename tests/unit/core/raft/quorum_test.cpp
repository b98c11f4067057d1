// SPDX-License-Identifier: MPL-2.0
#include "core/base/limits.h"
#include "core/raft/quorum.h"

#include <catch2/catch.hpp>
#include <vector>

#include "core/base/rng.h"

using core::raft::Quorum;

namespace {

std::uint64_t reached(const std::vector<std::uint64_t>& values) {
  Quorum<std::uint64_t> quorum;
  for (const auto value : values) quorum.add(value);
  return quorum.reached();
}

}  // namespace

TEST_CASE("a majority has reached the middle value, or the lower of two", "[raft][quorum]") {
  CHECK(reached({}) == 0);
  CHECK(reached({7}) == 7);
  CHECK(reached({9, 4}) == 4);
  CHECK(reached({1, 9, 5}) == 5);
  CHECK(reached({9, 9, 0, 0}) == 0);
  CHECK(reached({9, 8, 7, 0, 0}) == 7);
}

TEST_CASE("the value reached is the greatest that more than half are at or above", "[raft][quorum]") {
  core::Rng rng(3);
  for (int round = 0; round < 500; ++round) {
    std::vector<std::uint64_t> values(1 + rng.below(core::limits::kRaftPeersMax));
    for (auto& value : values) value = rng.below(20);
    const auto result = reached(values);
    const auto at_or_above = [&](std::uint64_t bound) {
      return static_cast<std::size_t>(
          std::count_if(values.begin(), values.end(), [&](auto v) { return v >= bound; }));
    };
    CHECK(at_or_above(result) >= core::raft::majority_of(values.size()));
    CHECK(at_or_above(result + 1) < core::raft::majority_of(values.size()));
  }
}
