// SPDX-License-Identifier: MPL-2.0
#include "store/state/time_table.h"

#include <catch2/catch.hpp>

#include "tests/support/printers.h"

using namespace core;
using store::state::TimeTable;

namespace {

constexpr WallTime kStart{1'800'000'000'000'000'000};

}  // namespace

TEST_CASE("steps are five minutes of the entries' own time apart", "[state][time]") {
  TimeTable table;
  CHECK(table.witness(Index{10}, kStart));
  CHECK_FALSE(table.witness(Index{11}, kStart + 299s));
  CHECK(table.witness(Index{12}, kStart + 300s));
  CHECK_FALSE(table.witness(Index{13}, kStart + 10s));  // a leader whose clock is behind
  CHECK_FALSE(table.witness(Index{12}, kStart + 1h));   // an index seen before
  CHECK(table.steps().size() == 2);
}

TEST_CASE("an index is old enough when its step is", "[state][time]") {
  TimeTable table;
  CHECK(table.nearest_index(kStart) == Index{0});
  table.witness(Index{10}, kStart);
  table.witness(Index{20}, kStart + 10min);
  CHECK(table.nearest_index(kStart + -1s) == Index{0});
  CHECK(table.nearest_index(kStart) == Index{10});
  CHECK(table.nearest_index(kStart + 9min) == Index{10});
  CHECK(table.nearest_index(kStart + 10h) == Index{20});
  CHECK_FALSE(table.nearest_time(Index{9}).has_value());
  CHECK(table.nearest_time(Index{15}) == kStart);
}

TEST_CASE("three days are kept", "[state][time]") {
  TimeTable table;
  for (std::uint64_t i = 0; i < 1000; ++i) table.witness(Index{i + 1}, kStart + i * 5min);
  CHECK(table.steps().size() == TimeTable::kStepsMax);
  CHECK(TimeTable::kStepsMax == 864);
  CHECK(table.steps().back().index == Index{1000});
}
