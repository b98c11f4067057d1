// SPDX-License-Identifier: MPL-2.0
#include "core/sched/reschedule.h"

#include <catch2/catch.hpp>

#include "tests/support/printers.h"
#include "tests/unit/core/sched/world.h"

using namespace core;
using namespace core::model;
using test::JobBuilder;
using test::NodeBuilder;
using test::World;

namespace {

ReschedulePolicy unlimited(std::string function, Duration delay, Duration most) {
  return {.attempts = 0, .interval = Duration{}, .delay = delay, .max_delay = most,
          .delay_function = std::move(function), .unlimited = true};
}

JobBuilder service(const ReschedulePolicy& policy, int count = 1) {
  return JobBuilder("web").group("api", count).task("server").with(
      [&](Job& j) { j.groups[0].reschedule_policy = policy; });
}

// Delays of so many failures in a row, each right after its start.
std::vector<Duration> delays(const ReschedulePolicy& policy, std::size_t count) {
  auto job = service(policy).share();
  const auto node = NodeBuilder(1).share();
  WallTime now{1'000'000'000'000};
  std::vector<Duration> out;
  std::optional<RescheduleTracker> tracker;
  for (std::size_t i = 0; i < count; ++i) {
    auto alloc = test::AllocBuilder(job, node).client(ClientStatus::failed).build();
    alloc.modify_time = now;
    alloc.reschedule_tracker = tracker;
    const auto due = sched::next_reschedule(alloc);
    REQUIRE(due);
    out.push_back(*due - now);
    now = *due;
    tracker = sched::next_tracker(alloc, now);
  }
  return out;
}

}  // namespace

TEST_CASE("the delay stays, doubles, or follows Fibonacci, up to its ceiling", "[sched][reschedule]") {
  using Delays = std::vector<Duration>;
  CHECK(delays(unlimited("constant", 10s, Duration{}), 4) == Delays{10s, 10s, 10s, 10s});
  CHECK(delays(unlimited("exponential", 10s, 60s), 5) == Delays{10s, 20s, 40s, 60s, 60s});
  CHECK(delays(unlimited("fibonacci", 10s, 60s), 6) == Delays{10s, 10s, 20s, 30s, 50s, 60s});
}

TEST_CASE("after a run longer than the ceiling the delay starts again", "[sched][reschedule]") {
  const auto job = service(unlimited("exponential", 10s, 60s)).share();
  auto alloc = test::AllocBuilder(job, NodeBuilder(1).share()).client(ClientStatus::failed).build();
  const WallTime attempt{1'000'000'000'000};
  alloc.reschedule_tracker = RescheduleTracker{{{.time = attempt, .previous_alloc = {}, .previous_node = {}, .delay = 40s}}};
  alloc.modify_time = attempt + Duration(59s);
  CHECK(sched::next_reschedule(alloc) == alloc.modify_time + Duration(60s));
  alloc.modify_time = attempt + Duration(61s);
  CHECK(sched::next_reschedule(alloc) == alloc.modify_time + Duration(10s));
}

TEST_CASE("a limited policy allows so many attempts within its interval", "[sched][reschedule]") {
  ReschedulePolicy policy{.attempts = 2, .interval = 10min, .delay = 5s, .max_delay = Duration{},
                          .delay_function = "constant", .unlimited = false};
  const auto job = service(policy).share();
  auto alloc = test::AllocBuilder(job, NodeBuilder(1).share()).client(ClientStatus::failed).build();
  const WallTime now{10'000'000'000'000};
  alloc.modify_time = now;
  const auto tried = [&](std::vector<Duration> ago) {
    alloc.reschedule_tracker.emplace();
    for (const auto before : ago)
      alloc.reschedule_tracker->events.push_back({.time = now + -before, .previous_alloc = {}, .previous_node = {}, .delay = 5s});
    return sched::next_reschedule(alloc).has_value();
  };
  CHECK(tried({}));
  CHECK(tried({5min}));
  CHECK_FALSE(tried({6min, 5min}));
  CHECK(tried({11min, 5min}));
}

TEST_CASE("the record of attempts keeps what still counts", "[sched][reschedule]") {
  auto policy = unlimited("constant", 5s, Duration{});
  auto alloc = test::AllocBuilder(service(policy).share(), NodeBuilder(1).share()).client(ClientStatus::failed).build();
  alloc.reschedule_tracker.emplace();
  for (int i = 0; i < 8; ++i)
    alloc.reschedule_tracker->events.push_back({.time = {i + 1}, .previous_alloc = {}, .previous_node = {}, .delay = 5s});
  const auto tracker = sched::next_tracker(alloc, {100});
  REQUIRE(tracker.events.size() == 6);
  CHECK(tracker.events.front().time.ns == 4);
  CHECK(tracker.events.back().previous_alloc == alloc.id);
  CHECK(tracker.events.back().previous_node == alloc.node_id);
  CHECK(tracker.events.back().delay == 5s);
}

TEST_CASE("a failed allocation waits for its time and then moves on", "[sched][reschedule]") {
  World world;
  world.add_nodes(2);
  const auto job = world.add(service(unlimited("constant", 30s, Duration{})));
  world.run(*job);
  const auto failed = world.live(*job).at(0);
  world.set_client(failed->id, ClientStatus::failed);

  const auto first = world.run(*job, trigger::kAllocFailure);
  CHECK(first.plan.placements.empty());
  REQUIRE(first.follow_ups.size() == 1);
  const auto& later = first.follow_ups[0];
  CHECK(later.triggered_by == trigger::kAllocFailure);
  CHECK(later.status_description == "created for delayed rescheduling");
  CHECK(later.wait_until.at == world.now() + Duration(30s));
  CHECK(world.state().alloc(failed->id)->followup_eval == later.id);
  CHECK(world.state().alloc(failed->id)->desired_status == DesiredStatus::run);

  SECTION("when its evaluation comes") {
    world.pass(30s);
    const auto second = world.run(later);
    REQUIRE(second.plan.stops.size() == 1);
    CHECK(second.plan.stops[0].description == "alloc was rescheduled because it failed");
    REQUIRE(second.plan.placements.size() == 1);
    const auto& placement = second.plan.placements[0];
    CHECK(placement.name == failed->name);
    CHECK(placement.previous_allocation == failed->id);
    CHECK(placement.node_id != failed->node_id);
    REQUIRE(placement.reschedule_tracker);
    CHECK(placement.reschedule_tracker->events.at(0).previous_alloc == failed->id);
    CHECK(world.decide(*job, trigger::kNodeUpdate).plan.empty());
  }
  SECTION("and no second evaluation is made meanwhile") {
    const auto other = world.run(*job, trigger::kNodeUpdate);
    CHECK(other.plan.empty());
    CHECK(other.follow_ups.empty());
  }
  SECTION("and another is made if the first was never written") {
    world.state().apply({{Index{70}, EvalRemoved{later.id, key(*job)}}});
    CHECK(world.run(*job, trigger::kNodeUpdate).follow_ups.size() == 1);
  }
}

TEST_CASE("failures within a few seconds share an evaluation", "[sched][reschedule]") {
  World world;
  world.add_nodes(3);
  const auto job = world.add(service(unlimited("constant", 30s, Duration{}), 3));
  world.run(*job);
  const auto live = world.live(*job);
  world.set_client(live[0]->id, ClientStatus::failed);
  world.pass(3s);
  world.set_client(live[1]->id, ClientStatus::failed);
  world.pass(4s);
  world.set_client(live[2]->id, ClientStatus::failed);
  const auto decision = world.run(*job, trigger::kAllocFailure);
  CHECK(decision.follow_ups.size() == 2);
  CHECK(world.state().alloc(live[0]->id)->followup_eval == world.state().alloc(live[1]->id)->followup_eval);
  CHECK(world.state().alloc(live[0]->id)->followup_eval != world.state().alloc(live[2]->id)->followup_eval);
}

TEST_CASE("a failed allocation without attempts left keeps its place", "[sched][reschedule]") {
  World world;
  world.add_nodes(2);
  ReschedulePolicy none{.attempts = 0, .interval = Duration{}, .delay = 5s, .max_delay = Duration{},
                        .delay_function = "constant", .unlimited = false};
  const auto job = world.add(service(none));
  world.run(*job);
  world.set_client(world.live(*job).at(0)->id, ClientStatus::failed);
  const auto decision = world.run(*job, trigger::kAllocFailure);
  CHECK(decision.plan.empty());
  CHECK(decision.follow_ups.empty());
}

TEST_CASE("a service that ended is started again at once", "[sched][reschedule]") {
  World world;
  world.add_nodes(1);
  const auto job = world.add(service(unlimited("constant", 30s, Duration{})));
  world.run(*job);
  world.set_client(world.live(*job).at(0)->id, ClientStatus::complete);
  world.run(*job, trigger::kNodeUpdate);
  CHECK(world.live(*job).size() == 1);
}

TEST_CASE("an allocation may be told to move on whatever its state", "[sched][reschedule]") {
  World world;
  world.add_nodes(2);
  const auto job = world.add(service(unlimited("constant", 30s, Duration{})));
  world.run(*job);
  auto alloc = *world.live(*job).at(0);
  alloc.desired_transition.force_reschedule = true;
  world.add(alloc);
  const auto decision = world.run(*job, trigger::kAllocFailure);
  CHECK(decision.plan.stops.size() == 1);
  CHECK(decision.plan.placements.size() == 1);
}

TEST_CASE("a failure without room elsewhere is kept, and tried when there is", "[sched][reschedule]") {
  World world;
  world.add(NodeBuilder(1));
  const auto job = world.add(service(unlimited("constant", Duration{}, Duration{})));
  world.run(*job);
  world.set_client(world.live(*job).at(0)->id, ClientStatus::failed);
  auto node = *world.state().node({test::uuid(1)});
  node.eligibility = Eligibility::ineligible;
  world.state().put(std::make_shared<const Node>(node));
  const auto decision = world.run(*job, trigger::kAllocFailure);
  CHECK(decision.plan.empty());
  REQUIRE(decision.follow_ups.size() == 1);
  world.add(NodeBuilder(2));
  const auto again = world.run(decision.follow_ups[0]);
  REQUIRE(again.plan.placements.size() == 1);
  CHECK(again.plan.placements[0].reschedule_tracker->events.size() == 1);
}
