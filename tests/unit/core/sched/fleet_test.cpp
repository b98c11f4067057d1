// SPDX-License-Identifier: MPL-2.0
#include "core/sched/fleet.h"

#include <catch2/catch.hpp>

#include "core/model/overlay.h"
#include "core/sched/scheduler.h"
#include "tests/support/printers.h"
#include "tests/unit/core/sched/world.h"

using namespace core;
using namespace core::model;
using test::JobBuilder;
using test::NodeBuilder;
using test::World;

TEST_CASE("a fleet finds nodes by id and knows what they use", "[sched][fleet]") {
  World world;
  world.add_nodes(3);
  const auto job = world.add(JobBuilder("web").group("api", 1).task("server", 500, 256));
  world.run(*job);
  const auto alloc = world.live(*job).at(0);
  const sched::Fleet fleet(world.state());
  const auto host = fleet.find(alloc->node_id);
  REQUIRE(host);
  CHECK(fleet.hosts()[*host].node->id == alloc->node_id);
  CHECK(fleet.hosts()[*host].used.cpu == 500);
  CHECK_FALSE(fleet.find({"nobody"}));
  CHECK_FALSE(fleet.find({""}));
}

TEST_CASE("nodes without a computed class are each their own", "[sched][fleet]") {
  World world;
  for (std::uint64_t n = 1; n <= 2; ++n) {
    auto node = NodeBuilder(n).meta("zone", n == 1 ? "a" : "b").build();
    node.computed_class.clear();
    world.state().put(std::make_shared<const Node>(node));
  }
  const auto job = world.add(JobBuilder("web").group("api", 1).task("server").constraint("${meta.zone}", "=", "b"));
  world.run(*job);
  REQUIRE(world.live(*job).size() == 1);
  CHECK(world.live(*job)[0]->node_id.text == test::uuid(2));
}

TEST_CASE("evaluations of one batch see each other's plans", "[sched][fleet]") {
  World world;
  world.add(NodeBuilder(1).resources(1000, 1000));
  world.add(NodeBuilder(2).resources(1000, 1000));
  const auto one = world.add(JobBuilder("one").group("g", 1).task("server", 800).static_port("http", 80));
  const auto two = world.add(JobBuilder("two").group("g", 1).task("server", 150).static_port("http", 80));
  const auto three = world.add(JobBuilder("three").group("g", 1).task("server", 900));

  Overlay overlay(world.state());
  sched::Fleet fleet(overlay);
  Rng rng(1);
  std::vector<NodeId> nodes;
  for (const auto& job : {one, two, three}) {
    const auto decision = sched::schedule(test::EvalBuilder(1, *job).build(), fleet, rng, world.now());
    overlay.add(decision.plan);
    fleet.refresh(decision.plan);
    for (const auto& placement : decision.plan.placements) nodes.push_back(placement.node_id);
  }
  // The second avoids the first's port; the third finds no node with so much room left.
  REQUIRE(nodes.size() == 2);
  CHECK(nodes[0] != nodes[1]);
}

TEST_CASE("an evaluation scheduled again sees what was accepted of its first plan", "[sched][fleet]") {
  World world;
  world.add_nodes(2);
  const auto job = world.add(JobBuilder("web").group("api", 4).task("server"));
  auto first = world.decide(*job);
  first.plan.placements.resize(3);
  Overlay overlay(world.state());
  overlay.add(first.plan);
  Rng rng(2);
  const auto second = sched::schedule(test::EvalBuilder(1, *job).build(), overlay, rng, world.now());
  REQUIRE(second.plan.placements.size() == 1);
  CHECK(second.plan.placements[0].name == "web.api[3]");
}

TEST_CASE("a group too large for any node leaves the others of its job alone", "[sched][fleet]") {
  World world;
  world.add_nodes(2);
  const auto job = world.add(JobBuilder("web").group("huge", 2).task("server", 100'000).group("small", 2).task("server"));
  const auto decision = world.run(*job);
  CHECK(test::names(world.live(*job)) == std::vector<std::string>{"small[0]", "small[1]"});
  CHECK(decision.eval.queued_allocations == std::map<std::string, std::int64_t>{{"huge", 2}, {"small", 0}});
}
