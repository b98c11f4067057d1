// SPDX-License-Identifier: MPL-2.0
// Nodes that go, allocations that move, jobs that change.
#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

#include "tests/support/printers.h"
#include "tests/unit/core/sched/world.h"

using namespace core;
using namespace core::model;
using test::JobBuilder;
using test::NodeBuilder;
using test::World;
using test::names;

namespace {

using Names = std::vector<std::string>;

std::set<AllocId> ids(const std::vector<AllocPtr>& allocs) {
  std::set<AllocId> out;
  for (const auto& alloc : allocs) out.insert(alloc->id);
  return out;
}

JobBuilder web(int count, int cpu = 100) { return JobBuilder("web").group("api", count).task("server", cpu); }

}  // namespace

TEST_CASE("allocations of a node that is down are lost and replaced under their names", "[sched][lost]") {
  World world;
  world.add_nodes(2);
  const auto job = world.add(web(2));
  world.run(*job);
  const auto victim = world.live(*job)[0];
  world.set_node(victim->node_id, NodeStatus::down);
  const auto decision = world.run(*job, trigger::kNodeUpdate);

  REQUIRE(decision.plan.stops.size() == 1);
  CHECK(decision.plan.stops[0].description == "alloc is lost since its node is down");
  CHECK(decision.plan.stops[0].client_status == ClientStatus::lost);
  REQUIRE(decision.plan.placements.size() == 1);
  CHECK(decision.plan.placements[0].name == victim->name);
  CHECK(decision.plan.placements[0].previous_allocation == victim->id);
  CHECK(names(world.live(*job)) == Names{"api[0]", "api[1]"});
}

TEST_CASE("allocations of a node that is gone altogether are lost too", "[sched][lost]") {
  World world;
  world.add_nodes(1);
  const auto job = world.add(web(1));
  world.run(*job);
  world.state().apply({{Index{90}, NodeRemoved{{test::uuid(1)}}}});
  const auto decision = world.run(*job, trigger::kNodeUpdate);
  REQUIRE(decision.plan.stops.size() == 1);
  CHECK(decision.plan.stops[0].client_status == ClientStatus::lost);
  CHECK(decision.eval.queued_allocations.at("api") == 1);
}

TEST_CASE("an allocation told to stop on a node that went is lost, not waited for", "[sched][lost]") {
  World world;
  world.add_nodes(1);
  world.run(*world.add(web(1)));
  const auto job = world.add(web(1).stopped());
  world.run(*job, trigger::kJobDeregister);
  world.set_node({test::uuid(1)}, NodeStatus::down);
  const auto decision = world.run(*job, trigger::kNodeUpdate);
  REQUIRE(decision.plan.stops.size() == 1);
  CHECK(decision.plan.stops[0].client_status == ClientStatus::lost);
  CHECK(world.decide(*job, trigger::kNodeUpdate).plan.empty());
}

TEST_CASE("a draining node keeps what is not marked to move", "[sched][migrate]") {
  World world;
  world.add_nodes(2);
  const auto job = world.add(web(4));
  world.run(*job);
  const auto moved = world.live(*job)[0];
  auto node = *world.state().node(moved->node_id);
  node.drain.emplace();
  node.eligibility = Eligibility::ineligible;
  world.state().put(std::make_shared<const Node>(node));
  CHECK(world.decide(*job, trigger::kNodeDrain).plan.empty());

  world.mark_migrate(moved->id);
  const auto decision = world.run(*job, trigger::kNodeDrain);
  REQUIRE(decision.plan.stops.size() == 1);
  CHECK(decision.plan.stops[0].id == moved->id);
  CHECK(decision.plan.stops[0].description == "alloc is being migrated");
  REQUIRE(decision.plan.placements.size() == 1);
  CHECK(decision.plan.placements[0].name == moved->name);
  CHECK(decision.plan.placements[0].node_id != moved->node_id);
}

TEST_CASE("an allocation that was to migrate is lost when its node goes first", "[sched][migrate]") {
  World world;
  world.add_nodes(2);
  const auto job = world.add(web(1));
  world.run(*job);
  const auto alloc = world.live(*job).at(0);
  world.mark_migrate(alloc->id);
  world.set_node(alloc->node_id, NodeStatus::down);
  const auto decision = world.run(*job, trigger::kNodeUpdate);
  REQUIRE(decision.plan.stops.size() == 1);
  CHECK(decision.plan.stops[0].client_status == ClientStatus::lost);
  CHECK(decision.plan.placements.size() == 1);
}

TEST_CASE("a change that running tasks cannot follow replaces them", "[sched][update]") {
  World world;
  world.add_nodes(2);
  const auto before = world.add(web(3));
  world.run(*before);
  const auto old = ids(world.live(*before));
  const auto job = world.add(web(3, 200));
  const auto decision = world.run(*job);
  CHECK(decision.plan.stops.size() == 3);
  for (const auto& stop : decision.plan.stops) CHECK(stop.description == "alloc is being updated due to job update");
  CHECK(names(world.live(*job)) == Names{"api[0]", "api[1]", "api[2]"});
  for (const auto& alloc : world.live(*job)) {
    CHECK_FALSE(old.contains(alloc->id));
    CHECK(old.contains(alloc->previous_allocation));
    CHECK(alloc->job_version == 1);
  }
}

TEST_CASE("a change that does not touch the tasks is made in place", "[sched][update]") {
  World world;
  world.add_nodes(2);
  const auto before = world.add(web(3).port("http"));
  world.run(*before);
  world.settle();
  const auto old = world.live(*before);
  const auto job = world.add(web(3).port("http").priority(70));
  const auto decision = world.run(*job);
  CHECK(decision.plan.stops.empty());
  REQUIRE(decision.plan.placements.size() == 3);
  CHECK(ids(world.live(*job)) == ids(old));
  for (const auto& alloc : world.live(*job)) {
    CHECK(alloc->job_version == 1);
    const auto same = std::find_if(old.begin(), old.end(), [&](const auto& a) { return a->id == alloc->id; });
    CHECK(alloc->shared.networks == (*same)->shared.networks);
    CHECK(alloc->node_id == (*same)->node_id);
  }
  CHECK(world.decide(*job).plan.empty());
}

TEST_CASE("an allocation whose node no longer fits the job is replaced", "[sched][update]") {
  World world;
  world.add(NodeBuilder(1).meta("zone", "a"));
  world.run(*world.add(web(1)));
  world.add(NodeBuilder(2).meta("zone", "b"));
  const auto job = world.add(web(1).constraint("${meta.zone}", "=", "b"));
  world.run(*job);
  const auto live = world.live(*job);
  REQUIRE(live.size() == 1);
  CHECK(live[0]->node_id.text == test::uuid(2));
}

TEST_CASE("the old allocation makes room for its replacement, and runs on if there is none", "[sched][update]") {
  World world;
  world.add(NodeBuilder(1).resources(1000, 1000));
  const auto before = world.add(web(1, 800));
  world.run(*before);
  SECTION("room") {
    const auto job = world.add(web(1, 900));
    CHECK(world.run(*job).eval.failed_groups.empty());
    CHECK(world.live(*job).size() == 1);
    CHECK(world.live(*job)[0]->job_version == 1);
  }
  SECTION("no room") {
    const auto job = world.add(web(1, 1100));
    const auto decision = world.run(*job);
    CHECK(decision.plan.empty());
    CHECK(decision.eval.queued_allocations.at("api") == 1);
    CHECK(world.live(*job)[0]->job_version == 0);
  }
}

TEST_CASE("a purged job registered anew replaces what an older one left", "[sched][update]") {
  World world;
  world.add_nodes(1);
  const auto before = world.add(web(1));
  world.run(*before);
  world.state().apply({{Index{80}, JobRemoved{key(*before)}}});
  const auto job = world.add(web(1, 300));
  world.run(*job);
  const auto live = world.live(*job);
  REQUIRE(live.size() == 1);
  CHECK(live[0]->task_resources.at("server").cpu == 300);
}

TEST_CASE("a rolling update replaces so many at a time", "[sched][rollout]") {
  World world;
  world.add_nodes(4);
  const auto builder = [](int cpu) { return web(5, cpu).update(2, 30s); };
  world.run(*world.add(builder(100)));
  world.settle();
  const auto job = world.add(builder(200));
  const auto updated = [&] {
    const auto live = world.live(*job);
    return std::count_if(live.begin(), live.end(), [](const auto& a) { return a->job_version == 1; });
  };

  const auto first = world.run(*job);
  CHECK(updated() == 2);
  REQUIRE(first.follow_ups.size() == 1);
  auto next = first.follow_ups[0];
  CHECK(next.triggered_by == trigger::kRollingUpdate);
  CHECK(next.status == EvalStatus::pending);
  CHECK(next.wait == 30s);
  CHECK(next.previous_eval == first.eval.id);
  CHECK(first.eval.next_eval == next.id);

  SECTION("batch by batch until all are replaced") {
    world.settle();
    const auto second = world.run(next);
    CHECK(updated() == 4);
    world.settle();
    const auto third = world.run(second.follow_ups.at(0));
    CHECK(updated() == 5);
    CHECK(third.follow_ups.empty());
  }
  SECTION("and no more as long as the new ones do not run") {
    const auto second = world.run(next);
    CHECK(second.plan.empty());
    CHECK(second.follow_ups.at(0).triggered_by == trigger::kRollingUpdate);
    CHECK(updated() == 2);
  }
  SECTION("and no faster when another evaluation comes in between") {
    world.settle();
    const auto other = world.run(*job, trigger::kNodeUpdate);
    CHECK(other.plan.empty());
    CHECK(other.follow_ups.empty());
  }
  SECTION("and starts afresh with a newer version, whose pace the older chain leaves alone") {
    world.settle();
    const auto newest = world.add(builder(300));
    const auto started = world.run(*newest);
    CHECK(started.plan.placements.size() == 2);
    world.settle();
    CHECK(world.run(next).plan.empty());
    CHECK(world.run(started.follow_ups.at(0)).plan.placements.size() == 2);
  }
}

TEST_CASE("without a stagger or a limit everything is replaced at once", "[sched][rollout]") {
  World world;
  world.add_nodes(4);
  const auto builder = [](int cpu) { return web(5, cpu); };
  world.run(*world.add(builder(100)));
  const auto decision = world.run(*world.add(builder(200)));
  CHECK(decision.plan.placements.size() == 5);
  CHECK(decision.follow_ups.empty());
}
