// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "agent/discovery/need.h"

using agent::discovery::Need;
using namespace std::chrono_literals;

namespace {

constexpr core::Instant kStart = core::Instant() + 1h;
constexpr Need::Rules kRules{.patience = 15s, .pause = 3s, .pause_after_failure = 1s, .pause_after_failures = 9s};

}  // namespace

TEST_CASE("who begins alone asks at once, and again after a pause", "[discovery]") {
  Need need(kRules, kStart);
  CHECK(need.next_look() == kStart);
  CHECK(need.look(true, kStart));
  CHECK_FALSE(need.next_look());
  const bool failed = GENERATE(false, true);
  need.answered(failed, kStart + 1s);
  const auto again = kStart + 1s + (failed ? 1s : 3s);
  CHECK(need.next_look() == again);
  CHECK_FALSE(need.look(true, again - 1ns));
  CHECK(need.look(true, again));
}

TEST_CASE("failures in a row double the pause up to a limit, until one is answered", "[discovery]") {
  Need need(kRules, kStart);
  auto now = kStart;
  for (const auto pause : {1s, 2s, 4s, 8s, 9s, 9s}) {
    REQUIRE(need.look(true, now));
    need.answered(true, now);
    CHECK(need.next_look() == now + pause);
    now += pause;
  }
  REQUIRE(need.look(true, now));
  need.answered(false, now);
  now += 3s;
  REQUIRE(need.look(true, now));
  need.answered(true, now);
  CHECK(need.next_look() == now + 1s);
}

TEST_CASE("nobody is asked twice at a time", "[discovery]") {
  Need need(kRules, kStart);
  REQUIRE(need.look(true, kStart));
  CHECK_FALSE(need.look(true, kStart + 1h));
}

TEST_CASE("who knows somebody does not ask, and looks again every few seconds", "[discovery]") {
  Need need(kRules, kStart);
  CHECK_FALSE(need.look(false, kStart));
  CHECK(need.next_look() == kStart + 3s);
}

TEST_CASE("who has lost everybody asks once the patience is over", "[discovery]") {
  Need need(kRules, kStart);
  CHECK_FALSE(need.look(false, kStart));
  for (auto after = 0s; after < 15s; after += 3s) CHECK_FALSE(need.look(true, kStart + 3s + after));
  CHECK(need.next_look() == kStart + 18s);
  CHECK(need.look(true, kStart + 18s));
}

TEST_CASE("patience begins anew when somebody was known meanwhile", "[discovery]") {
  Need need(kRules, kStart);
  CHECK_FALSE(need.look(false, kStart));
  CHECK_FALSE(need.look(true, kStart + 3s));
  CHECK_FALSE(need.look(false, kStart + 12s));
  CHECK_FALSE(need.look(true, kStart + 18s));
  CHECK(need.look(true, kStart + 33s));
}
