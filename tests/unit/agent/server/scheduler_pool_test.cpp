// SPDX-License-Identifier: MPL-2.0
#include "agent/server/scheduler_pool.h"

#include <catch2/catch.hpp>
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "core/model/cluster.h"
#include "tests/support/builders.h"
#include "tests/support/printers.h"
#include "tests/support/test_loop.h"

using namespace core;
using namespace core::model;

namespace {

server::ScheduleBatch batch_of(std::uint64_t evals, std::uint64_t nodes, std::int64_t count) {
  std::vector<Change> changes;
  server::ScheduleBatch batch;
  for (std::uint64_t n = 1; n <= nodes; ++n) changes.push_back({Index{n}, NodeChanged{test::NodeBuilder(n).share()}});
  for (std::uint64_t n = 1; n <= evals; ++n) {
    const auto job = test::JobBuilder("job-" + std::to_string(n)).group("api", count).task("server", 1, 1).share();
    changes.push_back({Index{nodes + n}, JobChanged{job}});
    batch.tasks.push_back({.eval = std::make_shared<const Evaluation>(test::EvalBuilder(n, *job).build()), .token = "lease", .seed = n});
  }
  Cluster cluster;
  cluster.apply(changes);
  batch.view = cluster.snapshot();
  return batch;
}

}  // namespace

TEST_CASE("a batch is scheduled after what was deferred before it, large or small", "[agent][server][scheduler]") {
  const auto evals = GENERATE(1, 4, 5);
  const auto nodes = GENERATE(0, 2, 17);
  const auto count = GENERATE(1, 20);
  support::TestLoop loop;
  bool answered = false;
  std::vector<server::Scheduled> told;
  agent::server::SchedulerPool pool(loop.loop, 1, {}, [&](server::Scheduled scheduled) {
    CHECK(answered);
    told.push_back(std::move(scheduled));
    loop.stop();
  });
  loop.loop.defer([&] { answered = true; });
  pool.run(batch_of(static_cast<std::uint64_t>(evals), static_cast<std::uint64_t>(nodes), count));
  CHECK(told.empty());
  loop.run();
  REQUIRE(told.size() == 1);
  REQUIRE(told[0].results.size() == static_cast<std::size_t>(evals));
  for (const auto& result : told[0].results) CHECK(result.plan.placements.size() == (nodes == 0 ? 0u : static_cast<std::size_t>(count)));
}

TEST_CASE("batches given one after the other are all answered, each by its worker", "[agent][server][scheduler]") {
  support::TestLoop loop;
  std::vector<std::uint32_t> told;
  agent::server::SchedulerPool pool(loop.loop, 2, {}, [&](const server::Scheduled& scheduled) {
    told.push_back(scheduled.worker);
    if (told.size() == 2) loop.stop();
  });
  auto large = batch_of(8, 2, 1);
  auto small = batch_of(1, 2, 1);
  large.worker = 0;
  small.worker = 1;
  pool.run(std::move(large));
  pool.run(std::move(small));
  loop.run();
  std::sort(told.begin(), told.end());
  CHECK(told == std::vector<std::uint32_t>{0, 1});
}
