// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "tests/unit/core/client/node.h"

using namespace test;

TEST_CASE("a node registers, then beats at once to become ready, then beats each time its ttl is over", "[client]") {
  Node node;
  node.feed(Woke{});
  REQUIRE(node.take<Register>());
  CHECK(!node.take<Heartbeat>());
  node.feed(Registered{10s, ""});
  REQUIRE(node.take<Heartbeat>());
  node.feed(HeartbeatAnswered{12s});
  node.run(11s);
  CHECK(!node.take<Heartbeat>());
  node.run(1s);
  CHECK(node.take<Heartbeat>());
}

TEST_CASE("registration is tried again until it succeeds", "[client]") {
  Node node;
  node.feed(Woke{});
  for (int i = 0; i < 5; ++i) {
    REQUIRE(node.take<Register>());
    node.feed(RegisterFailed{{core::Errc::no_leader, "No cluster leader"}});
    node.run(2s);
  }
  CHECK(node.take<Register>());
}

TEST_CASE("servers that have forgotten the node see it register again", "[client]") {
  Node node;
  node.join();
  node.run(10s);
  REQUIRE(node.take<Heartbeat>());
  node.feed(HeartbeatFailed{{core::Errc::not_found, "node not found"}});
  CHECK(node.take<Register>());
}

TEST_CASE("a lost heartbeat is tried again while the time allowed lasts", "[client]") {
  Node node;
  node.join();
  node.run(5s);
  node.run(5s);
  REQUIRE(node.take<Heartbeat>());
  node.feed(HeartbeatFailed{{core::Errc::unavailable, "connection refused"}});
  node.run(2s);
  CHECK(node.take<Heartbeat>());
}

TEST_CASE("after a long outage heartbeats are spread over half a minute", "[client]") {
  Node node;
  node.join();
  node.run(10s);
  REQUIRE(node.take<Heartbeat>());
  node.pass(10min);
  node.feed(HeartbeatFailed{{core::Errc::unavailable, "connection refused"}});
  const auto next = *node.client.next_deadline() - node.now.at;
  CHECK(next <= 30s);
}

TEST_CASE("a changed node registers again once, not at every change", "[client]") {
  Node node;
  node.join();
  for (int i = 0; i < 3; ++i) node.feed(NodeChanged{});
  node.run(5s);
  CHECK(node.take_all<Register>().size() == 1);
}

TEST_CASE("the watch of assignments begins with registration and is taken up again when it ends", "[client]") {
  Node node;
  node.feed(Woke{});
  CHECK(!node.take<Watch>());
  node.feed(Registered{10s, ""});
  REQUIRE(node.take<Watch>());
  node.feed(WatchEnded{{core::Errc::unavailable, "connection reset"}});
  node.run(1s);
  CHECK(node.take<Watch>());
}
