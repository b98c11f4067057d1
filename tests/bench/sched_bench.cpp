// SPDX-License-Identifier: MPL-2.0
// How long a scheduling decision takes, by size of the cluster and of the job.
#define CATCH_CONFIG_ENABLE_BENCHMARKING
#include <catch2/catch.hpp>

#include "core/model/cluster.h"
#include "core/sched/scheduler.h"
#include "tests/support/builders.h"

using namespace core;
using namespace core::model;

namespace {

// Nodes of a few classes, half of them with some work already, and a job that is not placed yet.
std::shared_ptr<const StateView> cluster(std::uint64_t nodes, const JobPtr& job) {
  const auto resident = test::JobBuilder("resident").group("g", 1).task("server", 500, 512).share();
  std::vector<Change> changes{{Index{1}, JobChanged{resident}}, {Index{1}, JobChanged{job}}};
  for (std::uint64_t n = 1; n <= nodes; ++n) {
    const auto node = test::NodeBuilder(n)
                          .node_class("c" + std::to_string(n % 5))
                          .meta("rack", "r" + std::to_string(n % 40))
                          .share();
    changes.push_back({Index{1 + n}, NodeChanged{node}});
    if (n % 2 == 0)
      changes.push_back({Index{1 + n}, AllocChanged{test::AllocBuilder(resident, node, n).id(test::uuid(1'000'000 + n)).share(), true}});
  }
  Cluster out;
  out.apply(changes);
  return out.snapshot();
}

test::JobBuilder web(std::int64_t count) {
  return test::JobBuilder("web").group("api", count).task("server", 100, 64).constraint("${attr.kernel.name}", "=", "linux");
}

void measure(const std::string& name, std::uint64_t nodes, const JobPtr& job) {
  const auto view = cluster(nodes, job);
  const sched::Fleet fleet(*view);
  const auto eval = test::EvalBuilder(1, *job).build();
  Rng rng(1);
  BENCHMARK(name + ", with a fleet") { return sched::schedule(eval, fleet, rng, {1}); };
  BENCHMARK(name + ", from a view") { return sched::schedule(eval, *view, rng, {1}); };
}

}  // namespace

TEST_CASE("one placement", "[bench][sched]") {
  measure("1 on 10 nodes", 10, web(1).share());
  measure("1 on 5,000 nodes", 5000, web(1).share());
}

TEST_CASE("a hundred placements on 5,000 nodes", "[bench][sched]") {
  measure("100", 5000, web(100).share());
  measure("100 with a dynamic port", 5000, web(100).port("http").share());
  measure("100 spread over racks", 5000,
          web(100).with([](Job& j) { j.spreads.push_back({"${meta.rack}", 100, {}}); }).share());
  measure("100 on distinct hosts", 5000,
          web(100).with([](Job& j) { j.constraints.push_back({"", "", "distinct_hosts"}); }).share());
}

TEST_CASE("the fleet of 5,000 nodes", "[bench][sched]") {
  const auto view = cluster(5000, web(1).share());
  BENCHMARK("built from a view") { return sched::Fleet(*view).hosts().size(); };
}
