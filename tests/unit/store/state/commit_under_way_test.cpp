// SPDX-License-Identifier: MPL-2.0
// Entries that are applied between the beginning and the end of a commit.
#include <catch2/catch.hpp>

#include "store/state/commit.h"
#include "store/state/reader.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/store/state/scene.h"

using namespace core;
using namespace core::model;
using store::state::StateMachine;
using test::NodeBuilder;

namespace {

// Applies without a commit.
Index advance(test::Scene& s, const Event& event) {
  const auto entry = s.feed.entry(event);
  REQUIRE(s.state.advance({&entry, 1}).ok());
  return entry.id.index;
}

std::shared_ptr<store::state::Commit> begin(test::Scene& s) {
  auto begun = s.state.begin_commit();
  REQUIRE(begun.ok());
  REQUIRE(*begun != nullptr);
  return *begun;
}

Index stored(const std::string& path) {
  auto reader = store::state::open_reader(path);
  REQUIRE(reader.ok());
  return store::state::read_meta(*reader).value().last.index;
}

JobRegistered changed(int n) {
  JobRegistered event;
  event.job = test::JobBuilder("web").group("api", 3).with([&](Job& job) { job.meta["n"] = std::to_string(n); }).build();
  return event;
}

Digest replayed(const test::Scene& s) {
  auto straight = StateMachine::open(":memory:");
  REQUIRE(straight.ok());
  REQUIRE(straight->apply(s.feed.log()).ok());
  return straight->digest().value();
}

}  // namespace

TEST_CASE("what is applied while a commit is under way is part of the next one", "[state][commit]") {
  test::TempDir directory;
  test::Scene s(directory / "state.db");
  advance(s, s.placing(1, 2));
  const auto sealed = advance(s, changed(1));
  const auto commit = begin(s);
  CHECK(commit->index() == sealed);
  // Each touches what the commit writes: a row it makes, one it changes, one it makes and this takes away.
  advance(s, s.reporting(1, ClientStatus::running));
  advance(s, s.ending(1));
  advance(s, changed(2));
  advance(s, NodesDeregistered{.nodes = {NodeId{test::uuid(2)}}, .evals = {}, .collected_by = ""});
  const auto last = advance(s, s.stopping(2));
  commit->write();
  CHECK(stored(directory / "state.db") == sealed);
  REQUIRE(s.state.end_commit().ok());
  REQUIRE(s.state.commit().ok());
  CHECK(stored(directory / "state.db") == last);
  CHECK(s.digest() == replayed(s));
}

TEST_CASE("a commit that was begun and not ended is part of the next one", "[state][commit]") {
  test::TempDir directory;
  test::Scene s(directory / "state.db");
  advance(s, s.placing(1));
  const auto commit = begin(s);
  if (GENERATE(true, false)) commit->write();
  const auto last = advance(s, changed(1));
  REQUIRE(s.state.commit().ok());
  CHECK(stored(directory / "state.db") == last);
  CHECK(s.digest() == replayed(s));
}

TEST_CASE("a late plan finds the body that only the file has while a commit is under way", "[state][commit]") {
  test::TempDir directory;
  test::Scene s(directory / "state.db");
  const auto late = s.placing(1);
  s.done(changed(1));  // commits, and lets go of version 0
  advance(s, changed(2));
  const auto commit = begin(s);
  advance(s, late);
  REQUIRE(s.alloc(1));
  CHECK(s.alloc(1)->job->version == 0);
  commit->write();
  REQUIRE(s.state.end_commit().ok());
  REQUIRE(s.state.commit().ok());
  CHECK(s.digest() == replayed(s));
}

TEST_CASE("there is nothing to commit where nothing was applied", "[state][commit]") {
  test::Scene s;
  const auto begun = s.state.begin_commit();
  REQUIRE(begun.ok());
  CHECK(*begun == nullptr);
}
