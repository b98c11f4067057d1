// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "tests/support/printers.h"
#include "tests/unit/store/state/scene.h"

using namespace core;
using namespace core::model;
using test::JobBuilder;
using test::Scene;

TEST_CASE("a placement becomes an allocation that carries its job", "[state]") {
  Scene s;
  const auto index = s.done(s.placing(1));
  const auto alloc = s.alloc(1);
  REQUIRE(alloc);
  CHECK(alloc->create_index == index);
  CHECK(alloc->modify_index == index);
  CHECK(alloc->alloc_modify_index == index);
  CHECK(alloc->create_time == s.feed.time());
  CHECK(alloc->modify_time == s.feed.time());
  CHECK(alloc->client_status == ClientStatus::pending);
  CHECK(alloc->desired_status == DesiredStatus::run);
  CHECK(alloc->task_group == "api");
  REQUIRE(alloc->job);
  CHECK(alloc->job->version == 0);
  CHECK(s.job()->status == JobStatus::running);
  CHECK(s.job()->modify_index == index);
  CHECK(s.view().used_on(alloc->node_id) == amount(*alloc));
}

TEST_CASE("an update in place keeps what came of the allocation so far", "[state]") {
  Scene s;
  const auto placed = s.done(s.placing(1));
  auto report = s.reporting(1, ClientStatus::running);
  report.allocs[0].task_states["server"].state = TaskStatus::running;
  s.done(report);
  const auto born = s.alloc(1)->create_time;
  s.done(s.registration(JobBuilder("web").group("api", 3).with([](Job& j) { j.meta["v"] = "2"; }).build(), 2));
  const auto updated = s.done(s.placing(1));

  const auto alloc = s.alloc(1);
  CHECK(alloc->create_index == placed);
  CHECK(alloc->create_time == born);
  CHECK(alloc->alloc_modify_index == updated);
  CHECK(alloc->client_status == ClientStatus::running);
  CHECK(alloc->task_states.at("server").state == TaskStatus::running);
  CHECK(alloc->job_version == 1);
  CHECK(alloc->job->meta.at("v") == "2");
}

TEST_CASE("an allocation that was told to stop is never resumed", "[state]") {
  Scene s;
  s.done(s.placing(1));
  s.done(s.stopping(1));
  s.done(s.placing(1));
  CHECK(s.alloc(1)->desired_status == DesiredStatus::stop);
}

TEST_CASE("a stop says why, and what became of the client if that is lost", "[state]") {
  Scene s;
  s.done(s.placing(1));
  auto event = s.stopping(1);
  event.plans[0].stops[0].description = desired::kLost;
  event.plans[0].stops[0].client_status = ClientStatus::lost;
  event.plans[0].stops[0].followup_eval = EvalId{"later"};
  const auto index = s.done(event);
  const auto alloc = s.alloc(1);
  CHECK(alloc->desired_status == DesiredStatus::stop);
  CHECK(alloc->desired_description == desired::kLost);
  CHECK(alloc->client_status == ClientStatus::lost);
  CHECK(alloc->followup_eval == EvalId{"later"});
  CHECK(alloc->alloc_modify_index == index);
  CHECK(s.view().used_on(alloc->node_id) == Amount{});
}

TEST_CASE("a replacement and what it replaces name each other", "[state]") {
  Scene s;
  s.done(s.placing(1));
  const auto told = s.alloc(1)->alloc_modify_index;
  auto event = s.placing(2);
  event.plans[0].placements[0].previous_allocation = s.alloc(1)->id;
  const auto index = s.done(event);
  CHECK(s.alloc(2)->previous_allocation == s.alloc(1)->id);
  CHECK(s.alloc(1)->next_allocation == s.alloc(2)->id);
  CHECK(s.alloc(1)->modify_index == index);
  CHECK(s.alloc(1)->alloc_modify_index == told);
}

TEST_CASE("a plan for a purged job places nothing, but stops", "[state]") {
  Scene s;
  s.done(s.placing(1));
  auto late = s.placing(2);
  late.plans[0].stops = s.stopping(1).plans[0].stops;
  s.done(JobDeregistered{s.key, true, {}});
  s.done(late);
  CHECK(s.alloc(2) == nullptr);
  CHECK(s.alloc(1)->desired_status == DesiredStatus::stop);
}

TEST_CASE("a plan made for an older version places that version", "[state]") {
  Scene s;
  auto late = s.placing(1);
  s.done(s.registration(JobBuilder("web").group("api", 9).build(), 2));
  s.done(late);
  REQUIRE(s.alloc(1));
  CHECK(s.alloc(1)->job->version == 0);
  CHECK(s.alloc(1)->job->groups[0].count == 3);
}

TEST_CASE("a plan that contradicts itself is refused as a whole", "[state]") {
  Scene s;
  auto event = s.placing(1, 2);
  event.plans[0].placements[1].group = 7;
  s.refused(event);
  CHECK(s.alloc(1) == nullptr);
}

TEST_CASE("a plan finishes its evaluation in the same entry", "[state]") {
  Scene s;
  auto event = s.placing(1);
  event.evals = s.ending(1).evals;
  const auto index = s.done(event);
  CHECK(s.eval(1)->status == EvalStatus::complete);
  CHECK(s.eval(1)->modify_index == index);
  CHECK(s.alloc(1)->create_index == index);
}
