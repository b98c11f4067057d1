// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "core/model/job_summary.h"
#include "tests/unit/store/state/reading.h"

using namespace core;
using namespace core::model;
using namespace store::state;
using test::good;
using test::Reading;

namespace {

JobSummary summary(Reading& r, const std::string& job = "web") {
  auto read = from_json<JobSummary>(good(get_job_summary(r.reader, {"default", {job}})).json);
  REQUIRE(read.ok());
  return *read;
}
GroupSummary api(Reading& r) { return summary(r).summary.at("api"); }

}  // namespace

TEST_CASE("a summary counts allocations by what their clients say", "[state][summary]") {
  Reading r;
  auto& s = r.scene;
  CHECK(api(r) == GroupSummary{});
  s.done(s.placing(1, 3));
  CHECK(api(r) == GroupSummary{.starting = 3});
  s.done(s.reporting(1, ClientStatus::running));
  s.done(s.reporting(2, ClientStatus::running));
  s.done(s.reporting(3, ClientStatus::failed));
  CHECK(api(r) == GroupSummary{.failed = 1, .running = 2});
  s.done(s.reporting(1, ClientStatus::complete));
  CHECK(api(r) == GroupSummary{.complete = 1, .failed = 1, .running = 1});
  CHECK(summary(r).modify_index == s.feed.last());

  s.done(s.stopping(1));
  CHECK(summary(r).modify_index < s.feed.last());
  s.done(Reaped{"eval-gc", {}, {s.alloc(1)->id}, {}});
  CHECK(api(r) == GroupSummary{.complete = 1, .failed = 1, .running = 1});
}

TEST_CASE("what an evaluation could not place is queued until it is placed", "[state][summary]") {
  Reading r;
  auto& s = r.scene;
  auto event = s.ending(1);
  event.evals[0].queued_allocations = {{"api", 2}, {"unknown", 5}};
  s.done(event);
  CHECK(api(r) == GroupSummary{.queued = 2});
  s.done(s.placing(1));
  CHECK(api(r) == GroupSummary{.queued = 1, .starting = 1});
  CHECK(summary(r).summary.count("unknown") == 0);
}

TEST_CASE("a job that was purged and came again counts from nothing", "[state][summary]") {
  Reading r;
  auto& s = r.scene;
  s.done(s.placing(1));
  s.done(JobDeregistered{s.key, true, {}});
  s.done(s.registration(test::JobBuilder("web").group("api", 1).build(), 2));
  CHECK(api(r) == GroupSummary{});
  s.done(s.reporting(1, ClientStatus::running));  // of the job before
  CHECK(api(r) == GroupSummary{});
}

TEST_CASE("a parent counts its children by status", "[state][summary]") {
  Reading r;
  auto& s = r.scene;
  for (std::uint64_t n = 2; n < 4; ++n) {
    auto child = test::JobBuilder("web/dispatch-" + std::to_string(n)).type("batch").build();
    child.parent_id = "web";
    s.done(s.registration(child, n));
  }
  CHECK(summary(r).children.pending == 2);
  s.done(s.ending(2));
  CHECK(summary(r).children.pending == 1);
  CHECK(summary(r).children.dead == 1);
  s.done(JobDeregistered{{"default", {"web/dispatch-2"}}, true, {}});
  CHECK(summary(r).children.dead == 0);
}

TEST_CASE("counts survive a restart", "[state][summary]") {
  Reading r;
  auto& s = r.scene;
  s.done(s.placing(1, 2));
  s.done(s.reporting(1, ClientStatus::running));
  auto again = StateMachine::open(r.path);
  REQUIRE(again.ok());
  const auto entry = s.feed.entry(s.reporting(2, ClientStatus::running));
  REQUIRE(again->apply({&entry, 1}).ok());
  CHECK(api(r) == GroupSummary{.running = 2});
}

TEST_CASE("jobs are counted by status, and the first of them with their groups", "[state][summary]") {
  Reading r;
  auto& s = r.scene;
  s.done(s.placing(1, 2));
  s.done(s.registration(test::JobBuilder("also").group("one", 1).build(), 5));
  s.done(s.registration(test::JobBuilder("zero").group("one", 1).build(), 6));
  const auto counted = [&](Index known) {
    auto read = count_jobs(r.reader, known, 2);
    REQUIRE(read.ok());
    return *read;
  };
  const auto counts = counted({});
  REQUIRE(counts.has_value());
  std::size_t all = 0;
  for (const auto& [status, count] : counts->by_status) all += count;
  CHECK(all == 3);
  REQUIRE(counts->jobs.size() == 2);
  CHECK(counts->jobs[0].job_id.text == "also");
  CHECK(counts->jobs[1].summary.at("api") == GroupSummary{.starting = 2});

  CHECK_FALSE(counted(counts->index).has_value());
  s.done(s.reporting(1, ClientStatus::running));
  const auto after = counted(counts->index);
  REQUIRE(after.has_value());
  CHECK(after->jobs[1].summary.at("api") == GroupSummary{.running = 1, .starting = 1});
}
