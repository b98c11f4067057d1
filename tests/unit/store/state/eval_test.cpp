// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "tests/support/printers.h"
#include "tests/unit/store/state/scene.h"

using namespace core;
using namespace core::model;
using test::EvalBuilder;
using test::Scene;

TEST_CASE("an evaluation keeps when it was made, and says when it was changed", "[state]") {
  Scene s;
  const auto made = s.eval(1)->create_time;
  s.feed.pass(1min);
  auto again = s.ending(1);
  again.evals[0].create_time = {};
  again.evals[0].create_index = {};
  const auto index = s.done(again);
  CHECK(s.eval(1)->create_time == made);
  CHECK(s.eval(1)->create_index < index);
  CHECK(s.eval(1)->modify_index == index);
  CHECK(s.eval(1)->modify_time == s.feed.time());
}

TEST_CASE("an evaluation that placed everything cancels the blocked ones of its job", "[state]") {
  Scene s;
  const auto blocked = [&](std::uint64_t n, const std::string& job) {
    return EvalBuilder(n, job).status(EvalStatus::blocked).build();
  };
  s.done(EvalsUpdated{{blocked(2, "web"), blocked(3, "web"), blocked(4, "other")}});

  SECTION("complete") {
    s.done(s.ending(1));
    CHECK(s.eval(2)->status == EvalStatus::canceled);
    CHECK(s.eval(2)->status_description == "evaluation \"" + test::uuid(1) + "\" successful");
    CHECK(s.eval(3)->status == EvalStatus::canceled);
    CHECK(s.eval(4)->status == EvalStatus::blocked);
    CHECK(s.job()->status == JobStatus::dead);
  }
  SECTION("complete, but some group found no place") {
    auto event = s.ending(1);
    event.evals[0].failed_groups["api"].coalesced_failures = 2;
    s.done(event);
    CHECK(s.eval(2)->status == EvalStatus::blocked);
    CHECK(s.job()->status == JobStatus::pending);
  }
  SECTION("failed") {
    auto event = s.ending(1);
    event.evals[0].status = EvalStatus::failed;
    s.done(event);
    CHECK(s.eval(2)->status == EvalStatus::blocked);
  }
}
