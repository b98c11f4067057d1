// SPDX-License-Identifier: MPL-2.0
#include "core/leader/plan_check.h"

#include <catch2/catch.hpp>

#include "tests/support/builders.h"
#include "tests/support/memory_state.h"
#include "tests/support/printers.h"

using namespace core;
using namespace core::leader;
using namespace core::model;
using test::AllocBuilder;
using test::EvalBuilder;
using test::JobBuilder;
using test::MemoryState;
using test::NodeBuilder;
using test::plan_of;

namespace {

// Half a node: two fit, three do not.
JobPtr half_job(std::string id = "half") { return JobBuilder(std::move(id)).task("t", 2000, 100).share(); }
AllocPtr of(const JobPtr& job, const NodePtr& node, std::uint64_t n) {
  return AllocBuilder(job, node, n).id(test::uuid(n)).share();
}
Plan plan(const JobPtr& job, std::vector<AllocPtr> place, std::vector<AllocPtr> stop = {}) {
  return plan_of(EvalBuilder(1, *job).build(), *job, place, stop);
}

}  // namespace

TEST_CASE("a plan that fits is accepted whole", "[leader][plan]") {
  const auto job = half_job();
  const auto node = NodeBuilder(1).share();
  PlanCheck check;
  const auto verdict = check.check(plan(job, {of(job, node, 1), of(job, node, 2)}), MemoryState().put(node).put(job));
  CHECK(verdict.whole);
  CHECK(verdict.refused.empty());
  CHECK(verdict.accepted.placements.size() == 2);
  CHECK(check.in_flight() == 1);
}

TEST_CASE("what does not fit on a node is cut off, and why is said", "[leader][plan]") {
  const auto job = half_job();
  const auto full = NodeBuilder(1).share(), free = NodeBuilder(2).share();
  MemoryState state;
  state.put(full).put(free).put(job).put(of(job, full, 1));
  PlanCheck check;
  const auto verdict = check.check(plan(job, {of(job, full, 2), of(job, full, 3), of(job, free, 4)}), state);
  CHECK(!verdict.whole);
  REQUIRE(verdict.refused.size() == 1);
  CHECK(verdict.refused[0].first == full->id);
  CHECK(verdict.refused[0].second == "cpu exhausted");
  REQUIRE(verdict.accepted.placements.size() == 1);
  CHECK(verdict.accepted.placements[0].node_id == free->id);
}

TEST_CASE("a node that takes no work is refused with its reason", "[leader][plan]") {
  const auto job = half_job();
  const auto [node, why] = GENERATE(table<NodePtr, std::string>({
      {NodeBuilder(1).status(NodeStatus::down).share(), "node is not ready for placements"},
      {NodeBuilder(1).ineligible().share(), "node is not eligible"},
      {NodeBuilder(1).draining().share(), "node is not eligible"},
      {nullptr, "node does not exist"},
  }));
  MemoryState state;
  state.put(job);
  if (node) state.put(node);
  const auto verdict = PlanCheck().check(plan(job, {of(job, NodeBuilder(1).share(), 1)}), state);
  REQUIRE(verdict.refused.size() == 1);
  CHECK(verdict.refused[0].second == why);
  CHECK(verdict.accepted.empty());
}

TEST_CASE("an update in place may go to a node that takes no new work", "[leader][plan]") {
  const auto job = half_job();
  const auto node = NodeBuilder(1).ineligible().share();
  MemoryState state;
  state.put(node).put(job).put(of(job, node, 1));
  CHECK(PlanCheck().check(plan(job, {of(job, node, 1)}), state).whole);
}

TEST_CASE("what a plan stops makes room for what it places", "[leader][plan]") {
  const auto job = half_job();
  const auto node = NodeBuilder(1).share();
  MemoryState state;
  state.put(node).put(job).put(of(job, node, 1)).put(of(job, node, 2));
  CHECK(!PlanCheck().check(plan(job, {of(job, node, 3)}), state).whole);
  CHECK(PlanCheck().check(plan(job, {of(job, node, 3)}, {of(job, node, 1)}), state).whole);
}

TEST_CASE("a stop that only makes room goes with its replacement or not at all", "[leader][plan]") {
  const auto job = half_job();
  const auto node = NodeBuilder(1).share(), down = NodeBuilder(2).status(NodeStatus::down).share();
  MemoryState state;
  state.put(node).put(down).put(job).put(of(job, node, 1)).put(of(job, node, 2));
  auto wanted = plan(job, {of(job, down, 3)}, {of(job, node, 1), of(job, node, 2)});
  wanted.placements[0].previous_allocation = of(job, node, 1)->id;
  SECTION("the replaced one keeps running") {
    const auto verdict = PlanCheck().check(wanted, state);
    REQUIRE(verdict.accepted.stops.size() == 1);
    CHECK(verdict.accepted.stops[0].id == of(job, node, 2)->id);
  }
  SECTION("but what is lost is lost") {
    wanted.stops[0].client_status = ClientStatus::lost;
    CHECK(PlanCheck().check(wanted, state).accepted.stops.size() == 2);
  }
}

TEST_CASE("what keeps running because its replacement was refused leaves no room for others", "[leader][plan]") {
  const auto job = half_job();
  const auto node = NodeBuilder(1).share(), down = NodeBuilder(2).status(NodeStatus::down).share();
  MemoryState state;
  state.put(node).put(down).put(job).put(of(job, node, 1)).put(of(job, node, 2));
  auto wanted = plan(job, {of(job, down, 3), of(job, node, 4)}, {of(job, node, 1), of(job, node, 2)});
  wanted.placements[0].previous_allocation = of(job, node, 1)->id;
  SECTION("one stop is kept back, one makes room") {
    const auto verdict = PlanCheck().check(wanted, state);
    CHECK(verdict.accepted.placements.size() == 1);
    CHECK(verdict.accepted.stops.size() == 1);
  }
  SECTION("what counted on the stop that is kept back is refused too") {
    wanted.stops.pop_back();
    const auto verdict = PlanCheck().check(wanted, state);
    CHECK(verdict.accepted.empty());
    REQUIRE(verdict.refused.size() == 2);
    CHECK(verdict.refused[0] == std::pair{node->id, std::string("cpu exhausted")});
  }
}

TEST_CASE("all at once means all or nothing", "[leader][plan]") {
  const auto job = JobBuilder("half").task("t", 2000, 100).with([](Job& j) { j.all_at_once = true; }).share();
  const auto node = NodeBuilder(1).share(), gone = NodeBuilder(2).share();
  MemoryState state;
  state.put(node).put(job).put(of(job, node, 9));
  PlanCheck check;
  const auto verdict = check.check(plan(job, {of(job, node, 1), of(job, gone, 2)}, {of(job, node, 9)}), state);
  CHECK(verdict.accepted.empty());
  CHECK(verdict.ticket == 0);
  CHECK(check.in_flight() == 0);
}

TEST_CASE("plans in flight count as if they were applied", "[leader][plan]") {
  const auto job = half_job(), other = half_job("other");
  const auto node = NodeBuilder(1).share();
  MemoryState state;
  state.put(node).put(job).put(other).put(of(job, node, 1));
  PlanCheck check;
  const auto first = check.check(plan(job, {of(job, node, 2)}), state);
  REQUIRE(first.whole);
  CHECK(!check.check(plan(other, {of(other, node, 3)}), state).whole);

  SECTION("once settled without a trace their room is free again") {
    check.settle(first.ticket);
    CHECK(check.check(plan(other, {of(other, node, 3)}), state).whole);
  }
  SECTION("once applied they are not counted twice") {
    state.put(of(job, node, 2));
    check.settle(first.ticket);
    CHECK(check.in_flight() == 0);
    CHECK(check.check(plan(other, {}, {of(job, node, 1)}), state).whole);
    CHECK(check.check(plan(other, {of(other, node, 3)}), state).whole);
  }
  SECTION("what they stop makes room") {
    CHECK(check.check(plan(job, {}, {of(job, node, 1)}), state).whole);
    CHECK(check.check(plan(other, {of(other, node, 3)}), state).whole);
  }
}

TEST_CASE("two plans of one evaluation in flight are settled one by one", "[leader][plan]") {
  const auto job = half_job();
  const auto node = NodeBuilder(1).share();
  MemoryState state;
  state.put(node).put(job);
  PlanCheck check;
  const auto first = check.check(plan(job, {of(job, node, 1)}), state);
  const auto second = check.check(plan(job, {of(job, node, 2)}), state);
  CHECK(check.in_flight() == 2);
  CHECK(check.is_in_flight(second.ticket));
  CHECK(check.plans_in_flight()[0].placements[0].id == of(job, node, 1)->id);
  check.settle(second.ticket);  // refused before the first one was written
  CHECK(check.in_flight() == 1);
  CHECK(!check.is_in_flight(second.ticket));
  CHECK(!check.check(plan(job, {of(job, node, 3), of(job, node, 4)}), state).whole);
  check.settle(first.ticket);
  check.settle(first.ticket);
  CHECK(check.in_flight() == 0);
}

TEST_CASE("one host port is given once", "[leader][plan]") {
  const auto job = JobBuilder("web").static_port("http", 8080).task("t", 10, 10).share();
  const auto node = NodeBuilder(1).share();
  const auto alloc = [&](std::uint64_t n) {
    return AllocBuilder(job, node, n).id(test::uuid(n)).with([](Allocation& a) {
      a.shared.networks[0].ip = "192.168.0.100";
      a.shared.networks[0].device = "eth0";
    }).share();
  };
  MemoryState state;
  state.put(node).put(job);
  PlanCheck check;
  CHECK(!check.check(plan(job, {alloc(1), alloc(2)}), state).whole);
  const auto first = check.check(plan(job, {alloc(1)}), state);
  REQUIRE(first.whole);
  const auto refused = check.check(plan(job, {alloc(2)}), state);
  REQUIRE(refused.refused.size() == 1);
  CHECK(refused.refused[0].second == "reserved port collision");
  state.put(alloc(1));
  check.settle(first.ticket);
  CHECK(!check.check(plan(job, {alloc(2)}), state).whole);
  CHECK(check.check(plan(job, {alloc(2)}, {alloc(1)}), state).whole);
}
