// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include <set>

#include "tests/support/printers.h"
#include "tests/unit/core/sched/world.h"

using namespace core;
using namespace core::model;
using test::JobBuilder;
using test::NodeBuilder;
using test::World;

TEST_CASE("a placement with ports gets them from its node", "[sched][network]") {
  World world;
  world.add_nodes(1);
  const auto job = world.add(JobBuilder("web").group("api", 3).task("server").port("http"));
  world.run(*job);
  std::set<std::int64_t> ports;
  for (const auto& alloc : world.live(*job)) {
    REQUIRE(alloc->shared.networks.size() == 1);
    const auto& network = alloc->shared.networks[0];
    CHECK(network.ip == world.state().node(alloc->node_id)->resources.networks.at(0).ip);
    ports.insert(network.dynamic_ports.at(0).value);
  }
  CHECK(ports.size() == 3);
}

TEST_CASE("a static port limits a group to one allocation a node", "[sched][network]") {
  World world;
  world.add_nodes(3);
  const auto job = world.add(JobBuilder("web").group("api", 5).task("server").static_port("http", 8080));
  const auto decision = world.run(*job);
  CHECK(world.live(*job).size() == 3);
  const auto& metrics = decision.eval.failed_groups.at("api");
  CHECK(metrics.nodes_exhausted == 3);
  CHECK(metrics.dimension_exhausted ==
        std::map<std::string, std::int64_t>{{"network: reserved port collision http=8080", 3}});
  CHECK(metrics.coalesced_failures == 1);
}

TEST_CASE("ports of other jobs and of the node itself are respected", "[sched][network]") {
  World world;
  world.add_nodes(2);
  const auto first = world.add(JobBuilder("one").group("g", 1).task("server").static_port("http", 80));
  world.run(*first);
  const auto second = world.add(JobBuilder("two").group("g", 1).task("server").static_port("http", 80));
  world.run(*second);
  CHECK(world.live(*first).at(0)->node_id != world.live(*second).at(0)->node_id);

  Port ssh{"ssh", 22, 0, "default"};
  world.add(NodeBuilder(3).with([&](Node& n) {
    n.reserved.networks.emplace_back();
    n.reserved.networks[0].reserved_ports = {ssh};
  }));
  for (const auto& n : {1, 2}) world.set_node({test::uuid(static_cast<std::uint64_t>(n))}, NodeStatus::down);
  const auto third = world.add(JobBuilder("three").group("g", 1).task("server").static_port("ssh", 22));
  CHECK(world.run(*third).eval.failed_groups.contains("g"));
}

TEST_CASE("an update may keep the static port of what it replaces", "[sched][network]") {
  World world;
  world.add_nodes(1);
  const auto builder = [](int cpu) { return JobBuilder("web").group("api", 1).task("server", cpu).static_port("http", 80); };
  world.run(*world.add(builder(100)));
  const auto job = world.add(builder(200));
  const auto decision = world.run(*job);
  CHECK(decision.eval.failed_groups.empty());
  CHECK(world.live(*job).at(0)->job_version == 1);
}

TEST_CASE("a node short of bandwidth is exhausted", "[sched][network]") {
  World world;
  world.add(NodeBuilder(1).with([](Node& n) { n.resources.networks.at(0).mbits = 100; }));
  const auto job = world.add(JobBuilder("web").group("api", 2).task("server").port("http").with(
      [](Job& j) { j.groups[0].networks[0].mbits = 60; }));
  const auto decision = world.run(*job);
  CHECK(decision.eval.failed_groups.at("api").dimension_exhausted ==
        std::map<std::string, std::int64_t>{{"network: bandwidth exceeded", 1}});
}

TEST_CASE("task networks of v0.1.x jobs get ports too", "[sched][network]") {
  World world;
  world.add_nodes(1);
  const auto job = world.add(JobBuilder("web").group("api", 1).task("server").with([](Job& j) {
    NetworkResource network;
    network.mbits = 1;
    network.dynamic_ports = {{"db", 0, 0, "default"}};
    j.groups[0].tasks[0].resources->networks = {network};
  }));
  world.run(*job);
  const auto alloc = world.live(*job).at(0);
  CHECK(alloc->task_resources.at("server").networks.at(0).dynamic_ports.at(0).value >= 20000);
}

TEST_CASE("the range of dynamic ports can be set", "[sched][network]") {
  World world;
  world.options.dynamic_ports = {40000, 40001};
  world.add_nodes(1);
  const auto job = world.add(JobBuilder("web").group("api", 3).task("server").port("http"));
  const auto decision = world.run(*job);
  CHECK(world.live(*job).size() == 2);
  CHECK(decision.eval.failed_groups.at("api").dimension_exhausted ==
        std::map<std::string, std::int64_t>{{"network: dynamic port selection failed", 1}});
}
