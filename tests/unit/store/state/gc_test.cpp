// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "tests/support/printers.h"
#include "tests/unit/store/state/scene.h"

using namespace core;
using namespace core::model;
using test::facts;
using test::Scene;

namespace {

Reaped everything(const Scene& s) {
  return {.collected_by = "job-gc", .evals = {s.eval(1)->id}, .allocs = {s.alloc(1)->id}, .jobs = {s.key}};
}

}  // namespace

TEST_CASE("garbage is forgotten", "[state][gc]") {
  Scene s;
  s.done(s.placing(1));
  s.done(s.ending(1));
  s.done(s.reporting(1, ClientStatus::complete));
  const auto event = everything(s);
  s.done(event);
  CHECK(s.alloc(1) == nullptr);
  CHECK(s.eval(1) == nullptr);
  CHECK(s.job() == nullptr);
  CHECK(facts<AllocRemoved>(s.changes).size() == 1);
  CHECK(facts<EvalRemoved>(s.changes).size() == 1);
  CHECK(facts<JobRemoved>(s.changes).size() == 1);
  s.done(event);  // what is gone already is skipped
  CHECK(s.changes.empty());
}

TEST_CASE("what came back to life since the collector looked is spared", "[state][gc]") {
  Scene s;
  s.done(s.placing(1));
  s.done(everything(s));
  CHECK(s.alloc(1) != nullptr);
  CHECK(s.eval(1) != nullptr);
  CHECK(s.job() != nullptr);
}

TEST_CASE("a dead job whose evaluations are forgotten stays dead", "[state][gc]") {
  Scene s;
  s.done(s.placing(1));
  s.done(s.ending(1));
  s.done(s.reporting(1, ClientStatus::complete));
  auto event = everything(s);
  event.jobs.clear();
  s.done(event);
  CHECK(s.job()->status == JobStatus::dead);
}

TEST_CASE("the cluster is created once", "[state]") {
  Scene s;
  s.done(ClusterCreated{"id-1", "global"});
  CHECK(s.state.cluster_id() == "id-1");
  CHECK(s.refused(ClusterCreated{"id-2", "global"}).code == Errc::conflict);
  CHECK(s.state.cluster_id() == "id-1");
}
