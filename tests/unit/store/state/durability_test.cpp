// SPDX-License-Identifier: MPL-2.0
// What is left after a crash, and what happens to a file that cannot be trusted.
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

#include "store/state/schema.h"
#include "tests/support/printers.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/store/state/scene.h"

using namespace core;
using namespace core::model;
using store::Connection;
using store::state::StateMachine;
using test::Scene;
using test::TempDir;

namespace {

// The files as a killed process leaves them: what was written is there, nothing is closed.
void copy_as_killed(const std::string& from, const std::string& to) {
  for (const auto* const part : {"", "-wal"}) {
    std::filesystem::remove(to + part);
    if (std::filesystem::exists(from + part)) std::filesystem::copy_file(from + part, to + part);
  }
  std::filesystem::remove(to + "-shm");
}

void run(const std::string& path, const std::string& sql) {
  auto db = Connection::open(path, {});
  REQUIRE(db.ok());
  const auto done = db->execute(sql);
  INFO((done.ok() ? std::string() : done.error().detail));
  REQUIRE(done.ok());
}

Error refusal(const std::string& path) {
  const auto opened = StateMachine::open(path);
  REQUIRE_FALSE(opened.ok());
  return opened.error();
}

}  // namespace

TEST_CASE("killed after any batch, the state is that batch's", "[state][crash]") {
  TempDir directory;
  Scene s(directory / "state.db");
  const auto check = [&] {
    copy_as_killed(directory / "state.db", directory / "killed.db");
    auto killed = StateMachine::open(directory / "killed.db");
    REQUIRE(killed.ok());
    CHECK(killed->applied() == s.state.applied());
    CHECK(killed->meta() == s.state.meta());
    CHECK(*killed->digest() == s.digest());
  };
  check();
  s.done(s.placing(1, 3));
  check();
  s.done(s.ending(1));
  s.refused(NodesDeregistered{{NodeId{"x"}}, {}, ""});
  check();
}

TEST_CASE("a restart knows the configuration, the cluster and the times", "[state]") {
  TempDir directory;
  Index hour_old;
  raft::SnapshotMeta meta;
  {
    Scene s(directory / "state.db");
    s.done(ClusterCreated{"cluster-1", "global"});
    raft::Configuration configuration;
    configuration.put({.id = ServerId{"b"}, .address = "10.0.0.2:4647", .voter = false});
    configuration.put({.id = ServerId{"a"}, .address = "10.0.0.1:4647", .voter = true});
    s.apply_entry(s.feed.configuration(configuration));
    s.feed.pass(1h);
    s.apply_entry(s.feed.noop());
    meta = s.state.meta();
    CHECK(meta.configuration == configuration);
    CHECK(meta.configuration_index == Index{5});
    CHECK(meta.last == s.feed.log().back().id);
    CHECK(meta.digest == s.feed.log().back().digest);
    hour_old = s.state.nearest_index(s.feed.time() + -30min);
    CHECK(hour_old == Index{1});
  }
  auto again = StateMachine::open(directory / "state.db");
  REQUIRE(again.ok());
  CHECK(again->meta() == meta);
  CHECK(again->cluster_id() == "cluster-1");
  CHECK(again->nearest_index(test::kEpoch + 30min) == hour_old);
  CHECK(again->view()->index() == meta.last.index);
}

TEST_CASE("a batch that cannot be written leaves the file as it was, and nothing follows it", "[state]") {
  TempDir directory;
  Scene s(directory / "state.db");
  run(directory / "state.db", "ALTER TABLE alloc RENAME TO hidden");
  const auto first = s.feed.entry(NodeRegistered{test::NodeBuilder(9).build(), {}});
  const auto second = s.feed.entry(s.placing(1));
  const raft::Entry entries[] = {first, second};
  CHECK_FALSE(s.state.apply(entries).ok());
  const auto again = s.state.apply({&first, 1});
  CHECK_FALSE(again.ok());

  run(directory / "state.db", "ALTER TABLE hidden RENAME TO alloc");
  auto reopened = StateMachine::open(directory / "state.db");
  REQUIRE(reopened.ok());
  CHECK(reopened->applied().index == Index{3});
  CHECK(reopened->apply(entries).ok());
}

TEST_CASE("a committed entry that makes no sense stops the state machine", "[state]") {
  Scene s;
  auto entry = s.feed.noop();
  entry.kind = raft::EntryKind::command;
  entry.type = 999;
  const auto batch = s.state.apply({&entry, 1});
  REQUIRE_FALSE(batch.ok());
  CHECK(batch.error().code == Errc::corrupt);
  CHECK(batch.error().detail.find("log entry 4") == 0);
}

TEST_CASE("a file that cannot be trusted is refused", "[state]") {
  TempDir directory;
  const auto path = directory / "state.db";
  { Scene s(path); s.done(s.placing(1)); }

  SECTION("not a database") {
    std::ofstream(path, std::ios::trunc) << std::string(8192, 'x');
    CHECK(refusal(path).code == Errc::corrupt);
  }
  SECTION("another kind of database") {
    run(path, "PRAGMA application_id = 1");
    CHECK(refusal(path).code == Errc::corrupt);
  }
  SECTION("of a later release") {
    run(path, "PRAGMA user_version = " + std::to_string(store::state::kSchemaVersion + 1));
    CHECK(refusal(path).code == Errc::unsupported);
  }
  SECTION("an allocation without the version it was placed from") {
    run(path, "DELETE FROM job_version");
    CHECK(refusal(path).code == Errc::corrupt);
  }
  SECTION("a document that is no JSON") {
    run(path, "UPDATE node_doc SET doc = substr(doc, 1, 100)");
    CHECK(refusal(path).code == Errc::corrupt);
  }
  SECTION("a word nobody knows") {
    run(path, "UPDATE alloc SET client_status = 'resting'");
    CHECK(refusal(path).code == Errc::corrupt);
  }
  SECTION("an allocation without its document") {
    run(path, "DELETE FROM alloc_doc");
    CHECK(refusal(path).code == Errc::corrupt);
  }
  SECTION("no place in the log") {
    run(path, "DELETE FROM meta");
    CHECK(refusal(path).code == Errc::corrupt);
  }
}
