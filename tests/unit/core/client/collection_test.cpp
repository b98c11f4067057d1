// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "tests/unit/core/client/node.h"

using namespace test;

namespace {

std::vector<core::model::AllocPtr> batch(int count) {
  Spec spec;
  spec.job.type = "batch";
  std::vector<core::model::AllocPtr> allocs;
  for (int i = 0; i < count; ++i) allocs.push_back(place(spec, "a" + std::to_string(i)));
  return allocs;
}

// All of them have run and are complete, "a0" first.
void finish(Node& node, const std::vector<core::model::AllocPtr>& allocs) {
  node.assign(allocs, 20);
  for (const auto& alloc : allocs) {
    node.feed(AllocPrepared{alloc->id, core::ok_status()});
    const auto start = node.take<StartTask>();
    REQUIRE(start);
    node.feed(TaskStarted{start->task, start->run, {}});
    node.pass(1ms);
    node.exit(0, "main", alloc->id.text);
  }
}

}  // namespace

TEST_CASE("the oldest dead allocations make room when there are too many", "[client]") {
  Config config;
  config.collection.allocs_max = 3;
  Node node({}, config);
  node.join();
  auto allocs = batch(3);
  finish(node, allocs);
  CHECK(!node.take<RemoveAlloc>());
  allocs.push_back(place(Spec{}, "new"));
  node.assign(allocs, 21);
  const auto removed = node.take_all<RemoveAlloc>();
  REQUIRE(removed.size() == 1);
  CHECK(removed[0].alloc.text == "a0");
  CHECK(node.take<PrepareAlloc>());

  SECTION("and the servers' mentioning them does not bring them back") {
    node.feed(AllocRemoved{{"a0"}, core::ok_status()});
    node.assign(allocs, 22);
    CHECK(node.client.alloc({"a0"}) == nullptr);
    CHECK(!node.take<Fetch>());
  }
}

TEST_CASE("a full disk is relieved one allocation at a time, measuring in between", "[client]") {
  Node node;
  node.join();
  finish(node, batch(3));
  node.feed(DiskMeasured{91, 10});
  REQUIRE(node.take_all<RemoveAlloc>().size() == 1);
  node.feed(AllocRemoved{{"a0"}, core::ok_status()});
  REQUIRE(node.take_all<MeasureDisk>().size() == 1);
  CHECK(!node.take<RemoveAlloc>());

  SECTION("it was enough") {
    node.feed(DiskMeasured{79, 10});
    CHECK(!node.take<RemoveAlloc>());
  }
  SECTION("inodes are still short") {
    node.feed(DiskMeasured{79, 71});
    CHECK(node.take<RemoveAlloc>()->alloc.text == "a1");
  }
}

TEST_CASE("the disk is measured every minute", "[client]") {
  Node node;
  node.join();
  node.run(59s);
  CHECK(!node.take<MeasureDisk>());
  node.run(1s);
  CHECK(node.take<MeasureDisk>());
}

TEST_CASE("people collect one dead allocation, or all; the living are not touched", "[client]") {
  Node node;
  node.join();
  auto allocs = batch(2);
  finish(node, allocs);
  allocs.push_back(place(Spec{}, "alive"));
  node.assign(allocs, 21);
  node.feed(CollectAsked{{"alive"}});
  CHECK(!node.take<RemoveAlloc>());
  node.feed(CollectAsked{{"a1"}});
  CHECK(node.take_all<RemoveAlloc>().size() == 1);
  node.feed(CollectAsked{});
  CHECK(node.take_all<RemoveAlloc>().size() == 1);
}

TEST_CASE("an agent that leaves takes its work with it", "[client]") {
  Node node;
  node.join();
  node.assign({place(Spec{})}, 20);
  node.start();
  node.feed(LeaveAsked{});
  REQUIRE(node.take<KillTask>());
  node.exit(130);
  REQUIRE(node.take<RemoveAlloc>());
  node.feed(AllocRemoved{{"a1"}, core::ok_status()});
  CHECK(node.client.allocs().empty());
  node.assign({place(Spec{}, "a2")}, 22);
  CHECK(!node.take<PrepareAlloc>());
}
