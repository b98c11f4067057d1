// SPDX-License-Identifier: MPL-2.0
// What a worker hands back for a batch of evaluations.
#include <catch2/catch.hpp>

#include "core/model/cluster.h"
#include "core/server/worker.h"
#include "tests/support/builders.h"
#include "tests/support/printers.h"

using namespace core;
using namespace core::model;
using namespace std::chrono_literals;

namespace {

// A clock that moves on by 6 ms each time it is read.
server::Stopwatch ticking() {
  return [at = Duration{}]() mutable { return at += 6ms; };
}

server::ScheduleBatch batch_for(const JobPtr& job, std::uint64_t nodes) {
  std::vector<Change> changes{{Index{1}, JobChanged{job}}};
  for (std::uint64_t n = 1; n <= nodes; ++n) changes.push_back({Index{1 + n}, NodeChanged{test::NodeBuilder(n).share()}});
  Cluster cluster;
  cluster.apply(changes);
  server::ScheduleBatch batch;
  batch.view = cluster.snapshot();
  batch.tasks.push_back({.eval = std::make_shared<const Evaluation>(test::EvalBuilder(1, *job).build()), .token = "lease", .seed = 1});
  return batch;
}

}  // namespace

TEST_CASE("placements share the time that their decision took", "[server][worker]") {
  const auto job = test::JobBuilder("web").group("api", 3).task("server", 10, 10).share();
  const auto done = server::run(batch_for(job, 2), {}, ticking());
  REQUIRE(done.results.size() == 1);
  CHECK(done.results[0].token == "lease");
  const auto& placements = done.results[0].plan.placements;
  REQUIRE(placements.size() == 3);
  for (const auto& placement : placements) CHECK(placement.metrics.allocation_time == 2ms);
}

TEST_CASE("what found no place says how long it was looked for", "[server][worker]") {
  const auto job = test::JobBuilder("web").group("api", 3).task("server", 10, 10).share();
  const auto done = server::run(batch_for(job, 0), {}, ticking());
  REQUIRE(done.results.size() == 1);
  CHECK(done.results[0].plan.empty());
  REQUIRE_FALSE(done.results[0].evals.empty());
  CHECK(done.results[0].evals[0].failed_groups.at("api").allocation_time == 6ms);
}

TEST_CASE("a result says how long its evaluation took, and of which kind that is", "[server][worker]") {
  const auto job = test::JobBuilder("web").group("api", 3).task("server", 10, 10).share();
  const auto done = server::run(batch_for(job, 2), {}, ticking());
  REQUIRE(done.results.size() == 1);
  CHECK(done.results[0].took == 6ms);
  CHECK(done.results[0].type == job->type);
}
