// SPDX-License-Identifier: MPL-2.0
// So many allocations that two threads read them.
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
