// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "tests/unit/core/client/node.h"

using namespace test;

namespace {

const ExitResult kSuccess{};
const ExitResult kFailure{1, 0, false, ""};

core::client::Now at(Duration since) { return {Instant(since), core::WallTime{1'000'000'000'000} + since}; }

}  // namespace

TEST_CASE("restarts within the policy come after the delay and up to a quarter more", "[client][restart]") {
  core::Rng rng(GENERATE(1, 2, 3, 4));
  RestartTracker tracker({.attempts = 3, .interval = 1min, .delay = 8s});
  const auto verdict = tracker.on_exit(kFailure, at(0s), rng);
  REQUIRE(std::holds_alternative<Restart>(verdict));
  CHECK(std::get<Restart>(verdict).delay >= 8s);
  CHECK(std::get<Restart>(verdict).delay < 10s);
  CHECK(std::get<Restart>(verdict).reason == "Restart within policy");
}

TEST_CASE("attempts count within an interval and anew after it", "[client][restart]") {
  core::Rng rng(1);
  RestartTracker tracker({.attempts = 1, .interval = 1min, .delay = 1s});
  CHECK(std::holds_alternative<Restart>(tracker.on_exit(kFailure, at(0s), rng)));
  SECTION("within") { CHECK(std::holds_alternative<GiveUp>(tracker.on_exit(kFailure, at(60s), rng))); }
  SECTION("after") { CHECK(std::holds_alternative<Restart>(tracker.on_exit(kFailure, at(61s), rng))); }
}

TEST_CASE("in delay mode a task out of attempts waits for the rest of the interval", "[client][restart]") {
  core::Rng rng(1);
  RestartTracker tracker({.attempts = 1, .interval = 60s, .delay = 1s, .mode_delay = true});
  REQUIRE(std::holds_alternative<Restart>(tracker.on_exit(kFailure, at(0s), rng)));
  const auto verdict = tracker.on_exit(kFailure, at(20s), rng);
  REQUIRE(std::holds_alternative<Restart>(verdict));
  CHECK(std::get<Restart>(verdict).delay == 40s);
  CHECK(std::get<Restart>(verdict).reason == "Exceeded allowed attempts, applying a delay");
}

TEST_CASE("a policy of no attempts gives up on failure and is content with success", "[client][restart]") {
  core::Rng rng(1);
  RestartTracker tracker({.attempts = 0, .interval = 1min});
  CHECK(std::get<GiveUp>(tracker.on_exit(kFailure, at(0s), rng)).reason == "Policy allows no restarts");
  CHECK(std::holds_alternative<Finished>(tracker.on_exit(kSuccess, at(0s), rng)));
}

TEST_CASE("success ends what need not run for ever", "[client][restart]") {
  core::Rng rng(1);
  const bool for_ever = GENERATE(true, false);
  RestartTracker tracker({.attempts = 2, .interval = 1min, .delay = 1s, .on_success = for_ever});
  CHECK(std::holds_alternative<Restart>(tracker.on_exit(kSuccess, at(0s), rng)) == for_ever);
}

TEST_CASE("who runs again after success follows from the job's type and the task's part", "[client][restart]") {
  Spec spec;
  const auto on_success = [&] { return restart_rules(spec.job, spec.group(), spec.task()).on_success; };
  CHECK(on_success());
  spec.job.type = "batch";
  CHECK(!on_success());
  spec.job.type = "service";
  spec.task().lifecycle = core::model::Lifecycle{"prestart", false};
  CHECK(!on_success());
  spec.task().lifecycle->sidecar = true;
  CHECK(on_success());
  spec.task().lifecycle = core::model::Lifecycle{"poststop", true};
  CHECK(!on_success());
}

TEST_CASE("a task's own policy overrides its group's, member by member", "[client][restart]") {
  Spec spec;
  spec.task().restart_policy = core::model::RestartPolicy{};
  spec.task().restart_policy->attempts = 9;
  const auto rules = restart_rules(spec.job, spec.group(), spec.task());
  CHECK(rules.attempts == 9);
  CHECK(rules.delay == 15s);
}
