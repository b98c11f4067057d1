// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "core/metrics/intervals.h"

using namespace core;
using namespace core::metrics;

namespace {

WallTime at(Duration since_begin) { return WallTime{} + std::chrono::hours(24) + since_begin; }

}  // namespace

TEST_CASE("intervals begin at whole multiples of ten seconds", "[metrics]") {
  Intervals intervals(at(13s));
  CHECK(intervals.begin(intervals.current()) == at(10s));
  CHECK(intervals.end() == at(20s));
  CHECK_FALSE(intervals.advance(at(19s)));
  CHECK(intervals.advance(at(20s)));
  CHECK(intervals.begin(intervals.current()) == at(20s));
}

TEST_CASE("a minute of finished intervals is kept, oldest first", "[metrics]") {
  Intervals intervals(at(0s));
  CHECK(intervals.finished() == 0);
  for (int i = 1; i <= 9; ++i) REQUIRE(intervals.advance(at(i * kInterval)));
  REQUIRE(intervals.finished() == kFinishedKept);
  for (std::size_t i = 0; i < kFinishedKept; ++i) {
    CHECK(intervals.begin(intervals.slot(i)) == at(static_cast<int>(i + 3) * kInterval));
    CHECK(intervals.slot(i) != intervals.current());
  }
}

TEST_CASE("the newest complete interval is the current one until one is finished", "[metrics]") {
  Intervals intervals(at(0s));
  CHECK(intervals.newest_complete() == intervals.current());
  intervals.advance(at(10s));
  CHECK(intervals.begin(intervals.newest_complete()) == at(0s));
}

TEST_CASE("a clock that was set back begins a new interval", "[metrics]") {
  Intervals intervals(at(60s));
  CHECK(intervals.advance(at(0s)));
  CHECK(intervals.begin(intervals.current()) == at(0s));
  CHECK(intervals.begin(intervals.newest_complete()) == at(60s));
}
