// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "agent/client/node_gauges.h"
#include "tests/unit/core/client/node.h"

using core::metrics::Registry;

namespace {

std::map<std::string, double> gauges(const Registry& registry) {
  std::map<std::string, double> out;
  registry.gauges().each([&](const core::metrics::GaugeSeries& series) { out[series.identity.name] = series.last; });
  return out;
}

}  // namespace

TEST_CASE("a node's gauges count its allocations and what they take", "[metrics][client]") {
  core::model::Node node;
  node.resources.cpu = 1000;
  node.resources.memory_mb = 2000;
  node.resources.disk_mb = 5000;
  node.reserved.memory_mb = 100;
  const test::Spec spec;
  const core::client::Now now{};
  std::map<core::AllocId, core::client::AllocRunner> allocs;
  const auto add = [&](const std::string& id) {
    auto placed = test::place(spec, id);
    placed->task_resources["main"].cpu = 300;
    placed->task_resources["main"].memory_mb = 64;
    placed->task_resources["main"].disk_mb = 0;
    placed->shared.cpu = placed->shared.memory_mb = 0;
    placed->shared.disk_mb = 150;
    return allocs.emplace(placed->id, core::client::AllocRunner(placed, {}, core::Rng(1), now)).first;
  };
  add("waits");
  const auto ended = add("ended");
  std::vector<core::client::Action> actions;
  ended->second.begin(now, actions);
  ended->second.on_prepared({.alloc = ended->first, .status = core::Error{core::Errc::io, "no room"}}, now, actions);
  REQUIRE(ended->second.done());

  Registry registry({}, core::WallTime{});
  agent::client::NodeGauges(registry, node).set(node, allocs);
  const auto values = gauges(registry);
  CHECK(values.at("nomad.client.allocations.pending") == 1);
  CHECK(values.at("nomad.client.allocations.running") == 0);
  CHECK(values.at("nomad.client.allocations.terminal") == 1);
  CHECK(values.at("nomad.client.allocated.cpu") == 300);
  CHECK(values.at("nomad.client.unallocated.cpu") == 700);
  CHECK(values.at("nomad.client.allocated.memory") == 64);
  CHECK(values.at("nomad.client.unallocated.memory") == 1836);
  CHECK(values.at("nomad.client.allocated.disk") == 150);
  CHECK(values.at("nomad.client.unallocated.disk") == 4850);
}

TEST_CASE("a node's gauges say which node it is", "[metrics][client]") {
  core::model::Node node;
  node.id.text = "n1";
  node.datacenter = "dc1";
  SECTION("of no class") { CHECK(agent::client::node_labels(node)[2].value == "none"); }
  SECTION("of a class") {
    node.node_class = "big";
    CHECK(agent::client::node_labels(node)[2].value == "big");
  }
  CHECK(agent::client::node_labels(node)[0].value == "n1");
  CHECK(agent::client::node_labels(node)[1].value == "dc1");
}
