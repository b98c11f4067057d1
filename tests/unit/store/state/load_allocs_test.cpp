// SPDX-License-Identifier: MPL-2.0
// All allocations at once: so many that several threads read them, and such as have little in common.
#include <catch2/catch.hpp>

#include <set>

#include "tests/unit/store/state/reading.h"

using namespace core;
using namespace core::model;
using store::state::StateMachine;

namespace {

constexpr std::uint64_t kPlans = 3, kEach = 7'000;

void run(const std::string& path, const std::string& sql) {
  auto db = store::Connection::open(path, {.access = store::Access::read_write});
  REQUIRE(db.ok());
  REQUIRE(db->execute(sql).ok());
}

}  // namespace

TEST_CASE("a large state is the same after a restart, and damage in either half is found", "[state][load]") {
  test::TempDir directory;
  const auto path = directory / "state.db";
  std::vector<AllocPtr> before;
  Digest digest;
  JobKey key;
  {
    test::Scene s(path);
    key = s.key;
    for (std::uint64_t plan = 0; plan < kPlans; ++plan) s.done(s.placing(1 + plan * kEach, kEach));
    s.done(s.reporting(5, ClientStatus::complete));
    before = s.view().allocs_of(key);
    digest = s.digest();
  }
  REQUIRE(before.size() == kPlans * kEach);
  {
    auto state = StateMachine::open(path);
    REQUIRE(state.ok());
    const auto view = state->view();
    const auto after = view->allocs_of(key);
    REQUIRE(after.size() == before.size());
    bool same = true;
    for (std::size_t i = 0; i < after.size(); ++i) same = same && to_json(*after[i]) == to_json(*before[i]) && after[i]->job == after[0]->job;
    CHECK(same);
    Amount used;
    for (const auto& alloc : before)
      if (!alloc->terminal()) used += amount(*alloc);
    CHECK(view->used_on(NodeId{test::uuid(1)}) == used);
    CHECK(state->digest().value() == digest);
  }
  const auto damage = GENERATE(as<std::string>(), "UPDATE alloc SET name = 'web.api[77]' WHERE seq = 1",
                               "UPDATE alloc SET name = 'web.api[77]' WHERE seq = 20999",
                               "UPDATE alloc SET seq = -9223372036854775808 WHERE seq = 1", "DELETE FROM alloc");
  CAPTURE(damage);
  run(path, damage);
  const auto damaged = StateMachine::open(path);
  REQUIRE_FALSE(damaged.ok());
  CHECK(damaged.error().code == Errc::corrupt);
  CHECK(damaged.error().detail.find(path + ": table alloc") == 0);
}

TEST_CASE("allocations with little in common are what they were after a restart", "[state][load]") {
  test::TempDir directory;
  const auto path = directory / "state.db";
  std::vector<AllocPtr> before;
  JobKey key;
  {
    test::Scene s(path);
    key = s.key;
    // Each differs from the one before in one thing, and some are the same as that.
    auto placing = s.placing(1, 8);
    auto& plan = placing.plans.front();
    auto ports = plan.groups.front();
    ports.tasks.clear();
    ports.tasks["Metrics"].cpu = 7;
    ports.tasks["a,\"Metrics\":{"].devices.text = "[{\"Name\":\"}],\"}]";
    plan.groups.push_back(ports);
    auto& placements = plan.placements;
    placements[2].group = placements[3].group = 1;
    placements[3].networks["Metrics"].emplace_back().ip = "10.0.0.1";
    placements[4].metrics.constraint_filtered = {{"},\"Metrics\":{", 2}};
    placements[5].metrics.scores = {{"binpack", 0.1}};
    placements[6].metrics = {};
    s.done(placing);
    before = s.view().allocs_of(key);
  }
  REQUIRE(before.size() == 8);
  const auto state = StateMachine::open(path);
  REQUIRE(state.ok());
  const auto after = state->view()->allocs_of(key);
  REQUIRE(after.size() == before.size());
  for (std::size_t i = 0; i < after.size(); ++i) CHECK(to_json(*after[i]) == to_json(*before[i]));
  CHECK(after[2]->task_resources.at("Metrics").cpu == 7);
  CHECK(after[4]->metrics.value().constraint_filtered.size() == 1);
}
