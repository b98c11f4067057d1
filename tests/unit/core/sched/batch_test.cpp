// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "tests/support/printers.h"
#include "tests/unit/core/sched/world.h"

using namespace core;
using namespace core::model;
using test::JobBuilder;
using test::World;

namespace {

JobBuilder batch(int count, int cpu = 100) { return JobBuilder("sum").type("batch").group("work", count).task("server", cpu); }

}  // namespace

TEST_CASE("what a batch job has done stays done", "[sched][batch]") {
  World world;
  world.add_nodes(2);
  const auto job = world.add(batch(3));
  world.run(*job);
  for (const auto& alloc : world.live(*job)) world.set_client(alloc->id, ClientStatus::complete);
  CHECK(world.decide(*job, trigger::kNodeUpdate).plan.empty());
  world.set_node({test::uuid(1)}, NodeStatus::down);
  CHECK(world.decide(*job, trigger::kNodeUpdate).plan.empty());
}

TEST_CASE("a batch job that changed runs again", "[sched][batch]") {
  World world;
  world.add_nodes(2);
  const auto before = world.add(batch(2));
  world.run(*before);
  for (const auto& alloc : world.live(*before)) world.set_client(alloc->id, ClientStatus::complete);
  const auto job = world.add(batch(2, 200));
  CHECK(world.run(*job).plan.placements.size() == 2);
}

TEST_CASE("more instances are added to what a batch job has done", "[sched][batch]") {
  World world;
  world.add_nodes(2);
  const auto job = world.add(batch(2));
  world.run(*job);
  const auto lost = world.live(*job).at(0);
  world.set_client(world.live(*job).at(1)->id, ClientStatus::complete);
  world.set_node(lost->node_id, NodeStatus::down);
  const auto decision = world.run(*job, trigger::kNodeUpdate);
  REQUIRE(decision.plan.placements.size() == 1);
  CHECK(decision.plan.placements[0].name == lost->name);
}

TEST_CASE("a failed batch allocation is tried again by policy, once a day by default", "[sched][batch]") {
  World world;
  world.add_nodes(2);
  const auto job = world.add(batch(1));
  world.run(*job);
  world.set_client(world.live(*job).at(0)->id, ClientStatus::failed);
  const auto first = world.run(*job, trigger::kAllocFailure);
  REQUIRE(first.follow_ups.size() == 1);
  CHECK(first.follow_ups[0].wait_until.at == world.now() + Duration(5s));
  world.pass(5s);
  world.run(first.follow_ups[0]);
  REQUIRE(world.live(*job).size() == 1);
  world.set_client(world.live(*job).at(0)->id, ClientStatus::failed);
  const auto second = world.run(*job, trigger::kAllocFailure);
  CHECK(second.plan.empty());
  CHECK(second.follow_ups.empty());
}

TEST_CASE("an update limit does not hold a batch job back", "[sched][batch]") {
  World world;
  world.add_nodes(2);
  const auto builder = [](int cpu) { return batch(4, cpu).update(1, 30s); };
  world.run(*world.add(builder(100)));
  const auto decision = world.run(*world.add(builder(200)));
  CHECK(decision.plan.placements.size() == 4);
  CHECK(decision.follow_ups.empty());
}
