// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "tests/support/printers.h"
#include "tests/unit/store/state/scene.h"

using namespace core;
using namespace core::model;
using test::facts;
using test::Scene;

TEST_CASE("what a client reports leaves the servers' index of the allocation alone", "[state]") {
  Scene s;
  const auto placed = s.done(s.placing(1));
  auto report = s.reporting(1, ClientStatus::running);
  report.allocs[0].client_description = "Tasks are running";
  report.allocs[0].task_states["server"].state = TaskStatus::running;
  const auto index = s.done(report);
  const auto alloc = s.alloc(1);
  CHECK(alloc->client_status == ClientStatus::running);
  CHECK(alloc->client_description == "Tasks are running");
  CHECK(alloc->modify_index == index);
  CHECK(alloc->modify_time == s.feed.time());
  CHECK(alloc->alloc_modify_index == placed);
  const auto changes = facts<AllocChanged>(s.changes);
  REQUIRE(changes.size() == 1);
  CHECK_FALSE(changes[0].server_side);
}

TEST_CASE("reports on unknown allocations are dropped", "[state]") {
  Scene s;
  s.done(s.reporting(9, ClientStatus::running));
  CHECK(s.alloc(9) == nullptr);
  CHECK(s.changes.empty());
}

TEST_CASE("task events are capped at the newest ten and readable", "[state]") {
  Scene s;
  s.done(s.placing(1));
  auto report = s.reporting(1, ClientStatus::running);
  for (int i = 0; i < 13; ++i)
    report.allocs[0].task_states["server"].events.push_back({"Started", {test::kEpoch.ns + i}, "", {}});
  s.done(report);
  const auto& events = s.alloc(1)->task_states.at("server").events;
  REQUIRE(events.size() == kTaskEventsKept);
  CHECK(events.front().time.ns == test::kEpoch.ns + 3);
  CHECK_FALSE(events.front().display_message.empty());
}

TEST_CASE("a job is dead when its last allocation has ended and nothing is to be scheduled", "[state]") {
  Scene s;
  s.done(s.placing(1));
  s.done(s.ending(1));
  CHECK(s.job()->status == JobStatus::running);
  s.done(s.reporting(1, ClientStatus::complete));
  CHECK(s.job()->status == JobStatus::dead);

  SECTION("a new evaluation makes it pending") {
    s.done(EvalsUpdated{{s.eval_of(2)}});
    CHECK(s.job()->status == JobStatus::pending);
  }
}

TEST_CASE("transitions are merged, and those of unknown allocations refused", "[state]") {
  Scene s;
  const auto placed = s.done(s.placing(1));
  AllocTransitionsSet event;
  event.allocs[s.alloc(1)->id].migrate = true;
  event.evals = {s.eval_of(2)};
  const auto index = s.done(event);
  CHECK(index > placed);
  CHECK(s.alloc(1)->desired_transition.migrate == true);
  CHECK(s.alloc(1)->alloc_modify_index == index);
  CHECK(s.eval(2) != nullptr);

  AllocTransitionsSet more;
  more.allocs[s.alloc(1)->id].reschedule = true;
  s.done(more);
  CHECK(s.alloc(1)->desired_transition.migrate == true);
  CHECK(s.alloc(1)->desired_transition.reschedule == true);

  AllocTransitionsSet unknown;
  unknown.allocs[AllocId{"gone"}].migrate = true;
  CHECK(s.refused(unknown).code == Errc::not_found);
}
