// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "store/env_posix.h"
#include "store/state/image.h"
#include "store/state/reader.h"
#include "tests/support/builders.h"
#include "tests/support/printers.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/store/state/feed.h"

using namespace core;
using namespace core::model;
using store::state::StateMachine;
using test::Feed;
using test::NodeBuilder;

namespace {

NodesDeregistered gone(std::uint64_t number) { return {.nodes = {NodeId{test::uuid(number)}}, .evals = {}, .collected_by = ""}; }

// Index of the newest entry whose effects the file shows.
Index stored(const std::string& path) {
  auto reader = store::state::open_reader(path);
  REQUIRE(reader.ok());
  const auto meta = store::state::read_meta(*reader);
  REQUIRE(meta.ok());
  return meta->last.index;
}

}  // namespace

TEST_CASE("the view shows at once what the file shows after the commit", "[state]") {
  test::TempDir directory;
  const auto path = directory / "state.db";
  Feed feed;
  auto state = StateMachine::open(path);
  REQUIRE(state.ok());
  for (std::uint64_t n = 1; n <= 3; ++n) {
    const auto entry = feed.entry(NodeRegistered{NodeBuilder(n).build(), {}});
    REQUIRE(state->advance({&entry, 1}).ok());
    CHECK(state->view()->node(NodeId{test::uuid(n)}));
  }
  CHECK(stored(path) == Index{0});
  REQUIRE(state->commit().ok());
  CHECK(stored(path) == Index{3});
  CHECK(state->commit().ok());  // nothing to do
}

TEST_CASE("what was applied and not committed before a crash is applied again", "[state]") {
  test::TempDir directory;
  const auto path = directory / "state.db";
  Feed feed;
  for (std::uint64_t n = 1; n <= 4; ++n) feed.entry(NodeRegistered{NodeBuilder(n).build(), {}});
  feed.entry(gone(2));
  const std::span<const raft::Entry> log(feed.log());
  {
    auto state = StateMachine::open(path);
    REQUIRE(state.ok());
    REQUIRE(state->apply(log.first(2)).ok());
    REQUIRE(state->advance(log.subspan(2)).ok());
  }
  auto again = StateMachine::open(path);
  REQUIRE(again.ok());
  REQUIRE(again->applied().index == Index{2});
  REQUIRE(again->apply(log.subspan(2)).ok());
  auto straight = StateMachine::open(":memory:");
  REQUIRE(straight.ok());
  REQUIRE(straight->apply(log).ok());
  CHECK(*again->digest() == *straight->digest());
}

TEST_CASE("objects that come and go between two commits leave no row", "[state]") {
  Feed feed;
  auto state = StateMachine::open(":memory:");
  auto straight = StateMachine::open(":memory:");
  feed.entry(NodeRegistered{NodeBuilder(1).build(), {}});
  feed.entry(gone(1));
  feed.entry(NodeRegistered{NodeBuilder(1).build(), {}});
  feed.entry(gone(1));
  for (const auto& entry : feed.log()) {
    REQUIRE(state->advance({&entry, 1}).ok());
    REQUIRE(straight->apply({&entry, 1}).ok());
  }
  CHECK(*state->digest() == *straight->digest());
  CHECK(!state->view()->node(NodeId{test::uuid(1)}));
}

TEST_CASE("an empty database is made whole, and not beside an orphaned write-ahead log", "[state]") {
  test::TempDir directory;
  store::PosixEnv env;
  const auto path = directory / "state.db";
  {
    auto orphan = env.open(path + "-wal", store::Open::create);
    REQUIRE(orphan.ok());
    REQUIRE((*orphan)->write_at(0, "left behind").ok());
  }
  REQUIRE(store::state::create_empty(env, path).ok());
  CHECK(!*env.exists(path + "-wal"));
  CHECK(!*env.exists(path + ".incoming"));
  auto state = StateMachine::open(path);
  REQUIRE(state.ok());
  CHECK(state->applied().index == Index{0});
}
