// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "tests/unit/core/client/node.h"

using namespace test;
using core::model::ClientStatus;

TEST_CASE("a new status is reported at once, and not as an effect of what is being saved", "[client]") {
  Node node;
  node.join();
  node.assign({place(Spec{})}, 20);
  node.start();
  REQUIRE(node.sent.size() == 1);
  const auto report = node.take<Report>();
  REQUIRE(report);
  REQUIRE(report->updates.size() == 1);
  CHECK(report->updates[0].client_status == ClientStatus::running);
  CHECK(report->updates[0].client_description == "Tasks are running");
}

TEST_CASE("the servers hear that an allocation is over when the disk knows it", "[client]") {
  Spec spec;
  spec.job.type = "batch";
  Node node;
  node.join();
  node.assign({place(spec)}, 20);
  node.start();
  REQUIRE(node.take<Report>());
  node.feed(ReportAccepted{});
  node.exit(0);
  node.run(20ms);
  CHECK(node.sent.empty());
  REQUIRE(node.actions.size() == 1);
  CHECK(std::get<Report>(node.actions[0]).updates[0].client_status == ClientStatus::complete);
}

TEST_CASE("of many changes in a short time the first goes at once and the others together", "[client]") {
  Node node;
  node.join();
  node.assign({place(Spec{}, "a1"), place(Spec{}, "a2"), place(Spec{}, "a3")}, 20);
  for (int i = 0; i < 3; ++i) node.start();
  const auto first = node.take<Report>();
  REQUIRE(first);
  CHECK(first->updates[0].client_status == ClientStatus::running);
  CHECK(first->updates[1].client_status == ClientStatus::pending);  // what waited goes with it
  node.feed(ReportAccepted{});
  node.run(20ms - 1ns);
  CHECK(!node.take<Report>());
  node.run(1ns);
  const auto second = node.take<Report>();
  REQUIRE(second);
  REQUIRE(second->updates.size() == 2);
  CHECK(second->updates[0].client_status == ClientStatus::running);
  CHECK(second->updates[1].client_status == ClientStatus::running);
  CHECK(!node.take<Report>());
}

TEST_CASE("what is no new status waits a fifth of a second for company", "[client]") {
  Node node;
  node.join();
  node.assign({place(Spec{})}, 20);  // received; the servers have it as pending
  node.run(200ms - 1ns);
  CHECK(!node.take<Report>());
  node.run(1ns);
  const auto report = node.take<Report>();
  REQUIRE(report);
  CHECK(report->updates[0].client_status == ClientStatus::pending);
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
  node.run(5s - 1ns);
  CHECK(!node.take<Report>());  // not before it may help
  node.run(5s + 1ns);
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
