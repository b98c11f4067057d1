// SPDX-License-Identifier: MPL-2.0
#include "core/sched/rank.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <map>
#include <set>

#include "tests/support/printers.h"
#include "tests/unit/core/sched/world.h"

using namespace core;
using namespace core::model;
using test::JobBuilder;
using test::NodeBuilder;
using test::World;

namespace {

std::map<std::string, int> by_meta(World& world, const Job& job, const std::string& meta) {
  std::map<std::string, int> out;
  for (const auto& alloc : world.live(job)) ++out[std::string(world.state().node(alloc->node_id)->meta.find(meta).value_or("-"))];
  return out;
}

}  // namespace

TEST_CASE("an empty node scores 0 and a full one 18, the reverse when spreading", "[sched][rank]") {
  const Amount capacity{1000, 1000, 1000}, half{500, 500, 0}, none{}, full{1000, 1000, 1000};
  using sched::Algorithm, sched::fit_score;
  CHECK(fit_score(none, capacity, Algorithm::binpack) == Approx(0));
  CHECK(fit_score(full, capacity, Algorithm::binpack) == Approx(18));
  CHECK(fit_score(half, capacity, Algorithm::binpack) == Approx(20 - 2 * std::sqrt(10.0)));
  CHECK(fit_score(none, capacity, Algorithm::spread) == Approx(18));
  CHECK(fit_score(full, capacity, Algorithm::spread) == Approx(0));
  CHECK(fit_score({0, 0, 0}, {0, 0, 0}, Algorithm::binpack) == Approx(18));
}

TEST_CASE("only scorers that say something count in the mean", "[sched][rank]") {
  CHECK(sched::Scores{.fit = 9}.mean() == Approx(0.5));
  CHECK(sched::Scores{.fit = 9, .anti_affinity = -0.5}.mean() == Approx(0.0));
  CHECK(sched::Scores{.fit = 9, .penalty = -1, .spread = 0.5}.mean() == Approx(0.0));
}

TEST_CASE("a job goes where it fills a node best", "[sched][rank]") {
  World world;
  world.add(NodeBuilder(1).resources(4000, 8000));
  world.add(NodeBuilder(2).resources(1000, 1000));
  const auto job = world.add(JobBuilder("web").group("api", 1).task("server", 500, 500));
  SECTION("when packing") {
    world.run(*job);
    CHECK(world.live(*job).at(0)->node_id.text == test::uuid(2));
  }
  SECTION("and where it fills it least when spreading") {
    world.options.algorithm = sched::Algorithm::spread;
    world.run(*job);
    CHECK(world.live(*job).at(0)->node_id.text == test::uuid(1));
  }
}

TEST_CASE("of equal nodes different seeds choose different ones", "[sched][rank]") {
  std::set<NodeId> chosen;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    World world(seed);
    world.add_nodes(10);
    const auto job = world.add(JobBuilder("web").group("api", 1).task("server"));
    world.run(*job);
    chosen.insert(world.live(*job).at(0)->node_id);
  }
  CHECK(chosen.size() > 3);
}

TEST_CASE("affinities pull and push", "[sched][rank]") {
  World world;
  world.add(NodeBuilder(1).meta("disk", "hdd"));
  world.add(NodeBuilder(2).meta("disk", "ssd"));
  world.add(NodeBuilder(3).meta("disk", "nvme"));
  const auto prefer = [&](std::string value, std::int64_t weight) {
    return JobBuilder("web").group("api", 1).task("server").with(
        [&](Job& j) { j.affinities.push_back({"${meta.disk}", value, "=", weight}); });
  };
  SECTION("towards what is wanted") {
    const auto job = world.add(prefer("ssd", 50));
    world.run(*job);
    const auto alloc = world.live(*job).at(0);
    CHECK(alloc->node_id.text == test::uuid(2));
    CHECK(alloc->metrics.value().score_meta.at(0).scores.at("node-affinity") == Approx(1));
  }
  SECTION("away from what is not") {
    const auto job = world.add(prefer("ssd", -50));
    world.run(*job);
    CHECK(world.live(*job).at(0)->node_id.text != test::uuid(2));
  }
}

TEST_CASE("a spread without targets evens out", "[sched][spread]") {
  World world;
  for (std::uint64_t n = 1; n <= 9; ++n) world.add(NodeBuilder(n).meta("rack", n <= 5 ? "r1" : n <= 8 ? "r2" : "r3"));
  const auto job = world.add(JobBuilder("web").group("api", 6).task("server").with(
      [](Job& j) { j.spreads.push_back({"${meta.rack}", 100, {}}); }));
  world.run(*job);
  CHECK(by_meta(world, *job, "rack") == std::map<std::string, int>{{"r1", 2}, {"r2", 2}, {"r3", 2}});
}

TEST_CASE("a spread with targets follows them, the rest sharing what is left", "[sched][spread]") {
  World world;
  for (std::uint64_t n = 1; n <= 9; ++n)
    world.add(NodeBuilder(n).meta("rack", n <= 3 ? "r1" : n <= 6 ? "r2" : "r3"));
  const auto job = world.add(JobBuilder("web").group("api", 10).task("server").with(
      [](Job& j) { j.groups[0].spreads.push_back({"${meta.rack}", 100, {{"r1", 60}, {"r2", 30}}}); }));
  world.run(*job);
  CHECK(by_meta(world, *job, "rack") == std::map<std::string, int>{{"r1", 6}, {"r2", 3}, {"r3", 1}});
}

TEST_CASE("a placement records the best nodes and their scores", "[sched][rank]") {
  World world;
  world.add_nodes(8);
  const auto job = world.add(JobBuilder("web").group("api", 2).task("server"));
  const auto plan = world.run(*job).plan;
  const auto& first = plan.placements.at(0);
  REQUIRE(first.metrics.score_meta.size() == 5);
  CHECK(first.metrics.score_meta[0].node == first.node_id);
  CHECK(first.metrics.score_meta[0].scores.contains("binpack"));
  const auto& second = plan.placements.at(1);
  REQUIRE(second.metrics.score_meta.size() == 1);
  CHECK(second.metrics.score_meta[0].node == second.node_id);
}

TEST_CASE("sticky data stays on its node if it can", "[sched][rank]") {
  World world;
  world.add_nodes(6);
  const auto builder = [](int cpu) {
    return JobBuilder("db").group("store", 3).task("server", cpu).with([](Job& j) {
      j.groups[0].ephemeral_disk.emplace();
      j.groups[0].ephemeral_disk->sticky = true;
    });
  };
  world.run(*world.add(builder(100)));
  const auto job = world.add(builder(200));
  for (const auto& placement : world.run(*job).plan.placements)
    CHECK(placement.node_id == world.state().alloc(placement.previous_allocation)->node_id);
}
