// SPDX-License-Identifier: MPL-2.0
#include "core/leader/heartbeats.h"

#include <catch2/catch.hpp>

#include "tests/support/builders.h"
#include "tests/support/printers.h"

using namespace core;
using namespace core::leader;

namespace {

constexpr Instant kStart{};
NodeId node(std::uint64_t n) { return {test::uuid(n)}; }

}  // namespace

TEST_CASE("a node is told a time between once and twice the shortest", "[leader][heartbeats]") {
  HeartbeatTracker tracker({}, Rng(GENERATE(1, 2, 3, 4, 5)));
  const auto ttl = tracker.beat(node(1), kStart);
  CHECK(ttl >= 10s);
  CHECK(ttl < 20s);
  CHECK(tracker.next_deadline() == kStart + ttl + 10s);
}

TEST_CASE("the more nodes, the longer their time", "[leader][heartbeats]") {
  HeartbeatTracker tracker({.max_per_second = 10.0}, Rng(1));
  for (std::uint64_t n = 0; n < 1000; ++n) tracker.expect(node(n), kStart);
  const auto ttl = tracker.beat(node(0), kStart);
  CHECK(ttl >= 100s);
  CHECK(ttl < 200s);
}

TEST_CASE("who is late is told of again until heard of or forgotten", "[leader][heartbeats]") {
  HeartbeatTracker tracker({}, Rng(1));
  tracker.beat(node(2), kStart);
  tracker.beat(node(1), kStart);
  CHECK(tracker.take_expired(kStart + 20s, 5s).empty());
  const auto late = kStart + 31s;
  CHECK(tracker.take_expired(late, 5s).size() == 2);
  CHECK(tracker.take_expired(late + 4s, 5s).empty());
  tracker.beat(node(1), late);
  CHECK(tracker.take_expired(late + 5s, 5s) == std::vector{node(2)});
  tracker.forget(node(2));
  CHECK(tracker.take_expired(late + 10s, 5s).empty());
  CHECK(tracker.size() == 1);
}

TEST_CASE("those that expire together come in the order of their ids", "[leader][heartbeats]") {
  HeartbeatTracker tracker({}, Rng(1));
  for (const auto n : {3, 1, 2}) tracker.expect(node(static_cast<std::uint64_t>(n)), kStart);
  CHECK(tracker.next_deadline() == kStart + 300s);
  CHECK(tracker.take_expired(kStart + 300s, 5s) == std::vector{node(1), node(2), node(3)});
}
