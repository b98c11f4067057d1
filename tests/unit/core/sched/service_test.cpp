// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include <map>
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
}

TEST_CASE("a new service job is placed, as many as it wants, under its names", "[sched][service]") {
  World world;
  world.add_nodes(3);
  const auto job = world.add(JobBuilder("web").group("api", 4).task("server", 500, 256));
  const auto decision = world.run(*job);

  CHECK(decision.eval.status == EvalStatus::complete);
  CHECK(decision.follow_ups.empty());
  CHECK(decision.eval.failed_groups.empty());
  CHECK(decision.eval.queued_allocations == std::map<std::string, std::int64_t>{{"api", 0}});
  CHECK(decision.plan.job_version == job->version);
  CHECK(names(world.live(*job)) == Names{"api[0]", "api[1]", "api[2]", "api[3]"});
  for (const auto& alloc : world.live(*job)) {
    CHECK(alloc->eval_id == decision.eval.id);
    CHECK_FALSE(alloc->node_name.empty());
    CHECK(alloc->task_resources.at("server").cpu == 500);
    CHECK(alloc->metrics.value().nodes_evaluated == 3);
    CHECK(alloc->metrics.value().nodes_available == std::map<std::string, std::int64_t>{{"dc1", 3}});
    CHECK(alloc->metrics.value().scores.contains(alloc->node_id.text + ".binpack"));
  }
}

TEST_CASE("scheduling again changes nothing once everything is placed", "[sched][service]") {
  World world;
  world.add_nodes(3);
  const auto job = world.add(JobBuilder("web").group("api", 4).task("server"));
  world.run(*job);
  const auto again = world.decide(*job, trigger::kNodeUpdate);
  CHECK(again.plan.empty());
  CHECK(again.eval.status == EvalStatus::complete);
}

TEST_CASE("the same seed makes the same decision", "[sched][service]") {
  const auto decide = [] {
    World world(99);
    world.add_nodes(20);
    return world.decide(*world.add(JobBuilder("web").group("api", 10).task("server").port("http")));
  };
  CHECK(to_json(decide().plan) == to_json(decide().plan));
}

TEST_CASE("allocations of one group prefer different nodes", "[sched][service]") {
  World world;
  world.add_nodes(4);
  const auto job = world.add(JobBuilder("web").group("api", 4).task("server", 100, 100));
  world.run(*job);
  std::set<NodeId> used;
  for (const auto& alloc : world.live(*job)) used.insert(alloc->node_id);
  CHECK(used.size() == 4);
}

TEST_CASE("what finds no place is queued, explained, and waits in a blocked evaluation", "[sched][service]") {
  World world;
  world.add(NodeBuilder(1).resources(1000, 1000));
  const auto job = world.add(JobBuilder("web").group("api", 3).task("server", 600, 100));
  const auto decision = world.run(*job);

  CHECK(world.live(*job).size() == 1);
  CHECK(decision.eval.status == EvalStatus::complete);
  CHECK(decision.eval.queued_allocations.at("api") == 2);
  const auto& metrics = decision.eval.failed_groups.at("api");
  CHECK(metrics.nodes_evaluated == 1);
  CHECK(metrics.nodes_exhausted == 1);
  CHECK(metrics.dimension_exhausted == std::map<std::string, std::int64_t>{{"cpu", 1}});
  CHECK(metrics.coalesced_failures == 1);

  REQUIRE(decision.follow_ups.size() == 1);
  const auto& blocked = decision.follow_ups[0];
  CHECK(blocked.status == EvalStatus::blocked);
  CHECK(blocked.triggered_by == trigger::kQueuedAllocs);
  CHECK(blocked.status_description == "created to place remaining allocations");
  CHECK(blocked.previous_eval == decision.eval.id);
  CHECK(decision.eval.blocked_eval == blocked.id);
  CHECK(blocked.class_eligibility == std::map<std::string, bool>{{world.state().node({test::uuid(1)})->computed_class, true}});
  CHECK_FALSE(blocked.escaped_computed_class);

  SECTION("and is blocked again as long as there is no room") {
    const auto again = world.run(blocked);
    CHECK(again.eval.id == blocked.id);
    CHECK(again.eval.status == EvalStatus::blocked);
    CHECK(again.follow_ups.empty());
  }
  SECTION("and completes when there is room") {
    world.add_nodes(2, 2);
    const auto again = world.run(blocked);
    CHECK(again.eval.status == EvalStatus::complete);
    CHECK(again.eval.failed_groups.empty());
    CHECK(again.eval.queued_allocations.at("api") == 0);
    CHECK(world.live(*job).size() == 3);
  }
}

TEST_CASE("a job without a single node in its datacenters says so", "[sched][service]") {
  World world;
  world.add(NodeBuilder(1).datacenter("dc2"));
  const auto job = world.add(JobBuilder("web").group("api", 1).task("server"));
  const auto decision = world.run(*job);
  const auto& metrics = decision.eval.failed_groups.at("api");
  CHECK(metrics.nodes_evaluated == 0);
  CHECK(metrics.nodes_available == std::map<std::string, std::int64_t>{{"dc1", 0}});
}

TEST_CASE("only ready, eligible nodes that do not drain get work", "[sched][service]") {
  World world;
  world.add(NodeBuilder(1).status(NodeStatus::down));
  world.add(NodeBuilder(2).status(NodeStatus::initializing));
  world.add(NodeBuilder(3).ineligible());
  world.add(NodeBuilder(4).draining());
  world.add(NodeBuilder(5));
  const auto job = world.add(JobBuilder("web").group("api", 3).task("server", 100, 100));
  world.run(*job);
  REQUIRE(world.live(*job).size() == 3);
  for (const auto& alloc : world.live(*job)) CHECK(alloc->node_id.text == test::uuid(5));
}

TEST_CASE("a datacenter may be a pattern", "[sched][service]") {
  World world;
  world.add(NodeBuilder(1).datacenter("eu-1"));
  world.add(NodeBuilder(2).datacenter("us-1"));
  const auto job = world.add(JobBuilder("web").group("api", 2).task("server", 3000).with([](Job& j) { j.datacenters = {"eu-*"}; }));
  const auto decision = world.run(*job);
  CHECK(world.live(*job).size() == 1);
  CHECK(decision.eval.failed_groups.at("api").nodes_available == std::map<std::string, std::int64_t>{{"eu-1", 1}});
}

TEST_CASE("stopping a job stops all it has", "[sched][service]") {
  World world;
  world.add_nodes(2);
  const auto job = world.add(JobBuilder("web").group("api", 3).task("server"));
  world.run(*job);
  SECTION("marked as stopped") { world.add(JobBuilder("web").group("api", 3).task("server").stopped()); }
  SECTION("removed") { world.state().apply({{Index{50}, JobRemoved{key(*job)}}}); }
  const auto decision = world.run(*job, trigger::kJobDeregister);
  CHECK(decision.eval.status == EvalStatus::complete);
  CHECK(decision.plan.stops.size() == 3);
  for (const auto& stop : decision.plan.stops) CHECK(stop.description == "alloc not needed due to job update");
  CHECK(world.live(*job).empty());
}

TEST_CASE("a smaller count stops the highest names", "[sched][service]") {
  World world;
  world.add_nodes(3);
  const auto builder = [](int count) { return JobBuilder("web").group("api", count).task("server"); };
  world.run(*world.add(builder(5)));
  const auto job = world.add(builder(2));
  world.run(*job);
  CHECK(names(world.live(*job)) == Names{"api[0]", "api[1]"});
}

TEST_CASE("a larger count fills the free names", "[sched][service]") {
  World world;
  world.add_nodes(3);
  const auto builder = [](int count) { return JobBuilder("web").group("api", count).task("server"); };
  world.run(*world.add(builder(2)));
  const auto job = world.add(builder(4));
  const auto decision = world.run(*job);
  CHECK(decision.plan.stops.empty());
  CHECK(names(world.live(*job)) == Names{"api[0]", "api[1]", "api[2]", "api[3]"});
}

TEST_CASE("a group that the job no longer has is stopped", "[sched][service]") {
  World world;
  world.add_nodes(2);
  world.run(*world.add(JobBuilder("web").group("api", 2).task("server").group("old", 2).task("server")));
  const auto job = world.add(JobBuilder("web").group("api", 2).task("server"));
  world.run(*job);
  CHECK(names(world.live(*job)) == Names{"api[0]", "api[1]"});
}

TEST_CASE("an evaluation for a reason nobody knows fails", "[sched][service]") {
  World world;
  world.add_nodes(1);
  const auto job = world.add(JobBuilder("web").group("api", 1).task("server"));
  const auto decision = world.decide(*job, trigger::kScheduled);
  CHECK(decision.eval.status == EvalStatus::failed);
  CHECK(decision.eval.status_description == "scheduler cannot handle 'scheduled' evaluation reason");
  CHECK(decision.plan.empty());
}

TEST_CASE("an evaluation that ran out of attempts fails and leaves a blocked one", "[sched][service]") {
  Rng rng(1);
  auto eval = test::EvalBuilder(1).build();
  const auto evals = sched::give_up(eval, Index{7}, rng, {5});
  REQUIRE(evals.size() == 2);
  CHECK(evals[0].status == EvalStatus::failed);
  CHECK(evals[0].status_description == "maximum attempts reached (5)");
  CHECK(evals[0].blocked_eval == evals[1].id);
  CHECK(evals[1].status == EvalStatus::blocked);
  CHECK(evals[1].triggered_by == trigger::kMaxPlans);
  CHECK(evals[1].status_description == "created due to placement conflicts");
  CHECK(evals[1].previous_eval == eval.id);
  eval.type = "batch";
  CHECK(sched::give_up(eval, Index{7}, rng, {5})[0].status_description == "maximum attempts reached (2)");
}
