// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "tests/unit/core/client/node.h"

using namespace test;
using core::model::ClientStatus;

TEST_CASE("changes within a fifth of a second are one report, with the newest state of each allocation", "[client]") {
  Node node;
  node.join();
  node.assign({place(Spec{}, "a1"), place(Spec{}, "a2")}, 20);
  node.start();
  node.start();
  node.run(199ms);
  CHECK(!node.take<Report>());
  node.run(1ms);
  const auto report = node.take<Report>();
  REQUIRE(report);
  REQUIRE(report->updates.size() == 2);
  CHECK(report->updates[0].client_status == ClientStatus::running);
  CHECK(report->updates[0].client_description == "Tasks are running");
  CHECK(!node.take<Report>());
}

TEST_CASE("a report that failed is sent again with what changed since", "[client]") {
  Node node;
  node.join();
  node.assign({place(Spec{})}, 20);
  node.run(200ms);
  REQUIRE(node.take<Report>()->updates[0].client_status == ClientStatus::pending);
  node.start();
  node.run(10s);
  CHECK(!node.take<Report>());  // one at a time
  node.feed(ReportFailed{{core::Errc::no_leader, "No cluster leader"}});
  node.run(10s);
  const auto again = node.take<Report>();
  REQUIRE(again);
  CHECK(again->updates.size() == 1);
  CHECK(again->updates[0].client_status == ClientStatus::running);
}

TEST_CASE("what the servers have accepted is not sent again", "[client]") {
  Node node;
  node.join();
  node.assign({place(Spec{})}, 20);
  node.start();
  node.run(200ms);
  REQUIRE(node.take<Report>());
  node.feed(ReportAccepted{});
  node.assign({place(Spec{}, "a1", 21)}, 21);  // touches the allocation, changes nothing in it
  node.run(1s);
  CHECK(!node.take<Report>());
}

TEST_CASE("nothing is reported to servers that do not know the node", "[client]") {
  Node first;
  first.join();
  first.assign({place(Spec{})}, 20);
  first.start();
  Node node(first.disk);
  node.feed(Woke{});
  node.run(1min);
  CHECK(!node.take<Report>());
  node.feed(Registered{10s, "c1"});
  node.run(1s);
  CHECK(node.take<Report>());
}
