// SPDX-License-Identifier: MPL-2.0
// Versions of jobs: the newest six are listed, and bodies live as long as an allocation needs them.
#include <catch2/catch.hpp>

#include "core/base/limits.h"
#include "tests/unit/store/state/reading.h"

using namespace core;
using namespace core::model;
using namespace store::state;
using test::parsed;
using test::Names;
using test::Reading;

namespace {

void change_spec(test::Scene& s, int n) {
  JobRegistered event;
  event.job = test::JobBuilder("web").group("api", 3).with([&](Job& j) { j.meta["n"] = std::to_string(n); }).build();
  s.done(event);
}

std::int64_t bodies(store::Connection& reader) {
  return reader.get_integer("SELECT count(*) FROM job_version").value().value();
}

}  // namespace

TEST_CASE("versions are listed newest first, each as it stood last", "[state][versions]") {
  Reading r;
  auto& s = r.scene;
  s.done(s.placing(1));
  REQUIRE(s.job()->status == JobStatus::running);
  const auto ran_at = s.job()->modify_index;
  change_spec(s, 1);
  const auto versions = parsed(list_job_versions(r.reader, s.key));
  REQUIRE(versions.size() == 2);
  CHECK(versions.column("Version") == Names{"1", "0"});
  CHECK(versions.column("Status") == Names{"\"running\"", "\"running\""});
  CHECK(versions.member(1, "ModifyIndex") == to_string(ran_at));
  CHECK(versions.member(0, "Meta") == R"({"n":"1"})");
  CHECK(versions.member(1, "Meta") == "null");
}

TEST_CASE("the newest six versions are kept", "[state][versions]") {
  Reading r;
  auto& s = r.scene;
  for (int n = 1; n <= 8; ++n) change_spec(s, n);
  CHECK(parsed(list_job_versions(r.reader, s.key)).column("Version") == Names{"8", "7", "6", "5", "4", "3"});
  CHECK(bodies(r.reader) == static_cast<std::int64_t>(limits::kJobVersionsKept));
}

TEST_CASE("an older version is kept for the allocations that were placed from it", "[state][versions]") {
  Reading r;
  auto& s = r.scene;
  s.done(s.placing(1));
  for (int n = 1; n <= 8; ++n) change_spec(s, n);
  CHECK(parsed(list_job_versions(r.reader, s.key)).size() == limits::kJobVersionsKept);
  CHECK(bodies(r.reader) == static_cast<std::int64_t>(limits::kJobVersionsKept) + 1);
  auto again = StateMachine::open(r.path);
  REQUIRE(again.ok());
  CHECK(again->view()->alloc(s.alloc(1)->id)->job->version == 0);

  SECTION("until the allocation is forgotten") {
    s.done(s.stopping(1));
    s.done(Reaped{"eval-gc", {}, {s.alloc(1)->id}, {}});
    CHECK(bodies(r.reader) == static_cast<std::int64_t>(limits::kJobVersionsKept));
  }
  SECTION("or updated in place") {
    s.done(s.placing(1));
    CHECK(s.alloc(1)->job_version == 8);
    CHECK(bodies(r.reader) == static_cast<std::int64_t>(limits::kJobVersionsKept));
  }
}

TEST_CASE("a purged job leaves behind only what its allocations need", "[state][versions]") {
  Reading r;
  auto& s = r.scene;
  s.done(s.placing(1));
  for (int n = 1; n <= 3; ++n) change_spec(s, n);
  const auto stop = s.stopping(1);
  s.done(JobDeregistered{s.key, true, {}});
  CHECK(bodies(r.reader) == 1);
  CHECK_FALSE(test::good(list_job_versions(r.reader, s.key)).found);
  s.done(stop);
  s.done(Reaped{"job-gc", {}, {s.alloc(1)->id}, {}});
  CHECK(bodies(r.reader) == 0);
}

TEST_CASE("a late plan brings back a body that only the file still had", "[state][versions]") {
  Reading r;
  auto& s = r.scene;
  auto late = s.placing(1);
  for (int n = 1; n <= 3; ++n) change_spec(s, n);
  s.done(late);
  REQUIRE(s.alloc(1));
  CHECK(s.alloc(1)->job->version == 0);
  CHECK(s.alloc(1)->job->meta.empty());
}
