// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "tests/support/printers.h"
#include "tests/unit/core/sched/world.h"

using namespace core;
using namespace core::model;
using test::JobBuilder;
using test::NodeBuilder;
using test::World;

namespace {

using Counts = std::map<std::string, std::int64_t>;

JobBuilder one(std::string id = "web") { return JobBuilder(std::move(id)).group("api", 1).task("server"); }

Constraint distinct(std::string operand, std::string ltarget = "", std::string rtarget = "") {
  return {std::move(ltarget), std::move(rtarget), std::move(operand)};
}

}  // namespace

TEST_CASE("every filtered node is counted with the constraint it fails", "[sched][feasible]") {
  World world;
  for (std::uint64_t n = 1; n <= 3; ++n) world.add(NodeBuilder(n).node_class("small").attribute("kernel.name", "linux"));
  world.add(NodeBuilder(4).node_class("big").attribute("kernel.name", "darwin"));
  const auto job = world.add(one().constraint("${attr.kernel.name}", "=", "windows"));
  const auto decision = world.run(*job);
  const auto& metrics = decision.eval.failed_groups.at("api");
  CHECK(metrics.nodes_evaluated == 4);
  CHECK(metrics.nodes_filtered == 4);
  CHECK(metrics.constraint_filtered == Counts{{"${attr.kernel.name} = windows", 4}});
  CHECK(metrics.class_filtered == Counts{{"small", 3}, {"big", 1}});
  for (const auto& [name, eligible] : decision.follow_ups.at(0).class_eligibility) CHECK_FALSE(eligible);
  CHECK(decision.follow_ups.at(0).class_eligibility.size() == 2);
}

TEST_CASE("group and task constraints count like the job's", "[sched][feasible]") {
  World world;
  world.add(NodeBuilder(1).meta("zone", "a").meta("disk", "hdd"));
  world.add(NodeBuilder(2).meta("zone", "b").meta("disk", "ssd"));
  world.add(NodeBuilder(3).meta("zone", "a").meta("disk", "ssd"));
  const auto job = world.add(one().with([](Job& j) {
    j.groups[0].constraints.push_back({"${meta.zone}", "a", "="});
    j.groups[0].tasks[0].constraints.push_back({"${meta.disk}", "ssd", "="});
  }));
  world.run(*job);
  const auto live = world.live(*job);
  REQUIRE(live.size() == 1);
  CHECK(live[0]->node_id.text == test::uuid(3));
  CHECK(live[0]->metrics.value().constraint_filtered == Counts{{"${meta.zone} = a", 1}, {"${meta.disk} = ssd", 1}});
}

TEST_CASE("a task runs only where its driver is found and healthy", "[sched][feasible]") {
  World world;
  world.add(NodeBuilder(1));
  world.add(NodeBuilder(2).driver("docker", false));
  world.add(NodeBuilder(3).driver("docker"));
  const auto job = world.add(one().with([](Job& j) { j.groups[0].tasks[0].driver = "docker"; }));
  world.run(*job);
  const auto live = world.live(*job);
  REQUIRE(live.size() == 1);
  CHECK(live[0]->node_id.text == test::uuid(3));
  CHECK(live[0]->metrics.value().constraint_filtered == Counts{{"missing drivers", 2}});
}

TEST_CASE("a node that reports no drivers says by attribute what it has", "[sched][feasible]") {
  World world;
  world.add(NodeBuilder(1).with([](Node& n) { n.drivers = {}; }).attribute("driver.raw_exec", "1"));
  const auto job = world.add(one());
  world.run(*job);
  CHECK(world.live(*job).size() == 1);
}

TEST_CASE("a constraint on one node's own name is asked of every node of a class", "[sched][feasible]") {
  World world;
  world.add_nodes(3);
  const auto name = world.state().node({test::uuid(2)})->name;
  const auto job = world.add(one().constraint("${node.unique.name}", "=", name));
  world.run(*job);
  const auto live = world.live(*job);
  REQUIRE(live.size() == 1);
  CHECK(live[0]->node_id.text == test::uuid(2));
}

TEST_CASE("what fails a unique constraint waits for any node", "[sched][feasible]") {
  World world;
  world.add_nodes(2);
  const auto job = world.add(one().constraint("${node.unique.name}", "=", "somebody else"));
  const auto decision = world.run(*job);
  REQUIRE(decision.follow_ups.size() == 1);
  CHECK(decision.follow_ups[0].escaped_computed_class);
}

TEST_CASE("distinct_hosts puts one allocation of the job on a node", "[sched][feasible]") {
  World world;
  world.add_nodes(3);
  const auto job = world.add(JobBuilder("web").group("a", 2).task("server").group("b", 2).task("server").with(
      [](Job& j) { j.constraints.push_back(distinct("distinct_hosts")); }));
  const auto decision = world.run(*job);
  CHECK(world.live(*job).size() == 3);
  CHECK(decision.eval.failed_groups.at("b").constraint_filtered == Counts{{"distinct_hosts", 3}});
}

TEST_CASE("distinct_hosts of a group is about that group, and may be switched off", "[sched][feasible]") {
  World world;
  world.add_nodes(2);
  const auto job = world.add(JobBuilder("web").group("a", 2).task("server").group("b", 3).task("server").with([](Job& j) {
    j.groups[0].constraints.push_back(distinct("distinct_hosts"));
    j.groups[1].constraints.push_back(distinct("distinct_hosts", "", "false"));
  }));
  const auto decision = world.run(*job);
  CHECK(decision.eval.failed_groups.empty());
  CHECK(world.live(*job).size() == 5);
}

TEST_CASE("distinct_property allows so many allocations a value", "[sched][feasible]") {
  World world;
  world.add(NodeBuilder(1).meta("rack", "r1"));
  world.add(NodeBuilder(2).meta("rack", "r1"));
  world.add(NodeBuilder(3).meta("rack", "r2"));
  world.add(NodeBuilder(4));
  const auto job = world.add(JobBuilder("web").group("api", 5).task("server").with(
      [](Job& j) { j.constraints.push_back(distinct("distinct_property", "${meta.rack}", "2")); }));
  const auto decision = world.run(*job);
  CHECK(world.live(*job).size() == 4);
  CHECK(decision.eval.failed_groups.at("api").constraint_filtered ==
        Counts{{"distinct_property: ${meta.rack}=r1 used by 2 allocs", 2},
               {"distinct_property: ${meta.rack}=r2 used by 2 allocs", 1},
               {"missing property \"${meta.rack}\"", 1}});
}

TEST_CASE("a port on a host network that no node offers is explained", "[sched][feasible]") {
  World world;
  world.add_nodes(1);
  const auto job = world.add(one().port("http").with(
      [](Job& j) { j.groups[0].networks[0].dynamic_ports[0].host_network = "public"; }));
  const auto decision = world.run(*job);
  CHECK(decision.eval.failed_groups.at("api").constraint_filtered ==
        Counts{{"missing host network \"public\" for port \"http\"", 1}});
}
