// SPDX-License-Identifier: MPL-2.0
#include "core/model/alloc.h"

#include <catch2/catch.hpp>

#include "core/model/plan.h"
#include "tests/support/builders.h"
#include "tests/support/printers.h"

using namespace core;
using namespace core::model;
using test::AllocBuilder;
using test::EvalBuilder;
using test::JobBuilder;
using test::NodeBuilder;

TEST_CASE("an allocation's name tells its index", "[model][alloc]") {
  CHECK(alloc_name({"shop"}, "api", 12) == "shop.api[12]");
  CHECK(name_index("shop.api[12]") == 12);
  CHECK(name_index("we[i]rd.g[0]") == 0);
  CHECK(!name_index("shop.api"));
  CHECK(!name_index("shop.api[]"));
  CHECK(!name_index("shop.api[-1]"));
  CHECK(!name_index("shop.api[1"));
  CHECK(!name_index("shop.api[99999999999999999999]"));
}

TEST_CASE("an allocation takes what its tasks and its group take", "[model][alloc]") {
  const auto job = JobBuilder().task("a", 100, 64).task("b", 200, 32).share();
  CHECK(amount(AllocBuilder(job, NodeBuilder().share()).build()) == Amount{300, 96, 300});
}

TEST_CASE("a plan's placement becomes the allocation it describes", "[model][plan]") {
  const auto job = JobBuilder("shop").version(3).port("web").task("server").share();
  const auto node = NodeBuilder(4).share();
  auto wanted = AllocBuilder(job, node, 2).with([](Allocation& a) {
    a.shared.networks[0].dynamic_ports[0].value = 20123;
    a.previous_allocation.text = test::uuid(9);
  }).share();
  const auto eval = EvalBuilder(8, *job).build();
  const auto plan = test::plan_of(eval, *job, {wanted});
  const auto made = placed_alloc(plan, plan.placements[0], job);
  CHECK(made.name == "shop.web[2]");
  CHECK(made.eval_id == eval.id);
  CHECK(made.node_id == node->id);
  CHECK(made.job_version == 3);
  CHECK(made.job == job);
  CHECK(made.shared.networks[0].dynamic_ports[0].value == 20123);
  CHECK(made.previous_allocation.text == test::uuid(9));
  CHECK(made.desired_status == DesiredStatus::run);
  CHECK(made.client_status == ClientStatus::pending);
  CHECK(amount(plan, plan.placements[0]) == amount(*wanted));
}

TEST_CASE("where a plan has no networks the group's stand", "[model][plan]") {
  const auto job = JobBuilder().task("server").with([](Job& j) {
    j.groups[0].tasks[0].resources->networks.emplace_back();
  }).share();
  auto plan = test::plan_of(EvalBuilder(1, *job).build(), *job, {AllocBuilder(job, NodeBuilder().share()).share()});
  plan.placements[0].networks.clear();
  CHECK(placed_alloc(plan, plan.placements[0], job).task_resources.at("server").networks.size() == 1);
}
