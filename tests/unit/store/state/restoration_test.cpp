// SPDX-License-Identifier: MPL-2.0
#include "store/state/restoration.h"

#include <catch2/catch.hpp>

#include "core/base/base64.h"
#include "store/env_posix.h"
#include "store/snapshot/format.h"
#include "store/state/image.h"
#include "store/state/row_digest.h"
#include "tests/unit/store/state/reading.h"

using namespace core;
using namespace core::model;
using namespace store::state;
using test::Reading;

namespace {

constexpr std::size_t kPiece = 10'000;

struct Saved {
  Bytes database;
  std::string digest;
};

Saved read_image(const std::string& path) {
  store::PosixEnv env;
  auto file = env.open(path, store::Open::read);
  REQUIRE(file.ok());
  const auto size = (*file)->size().value();
  return {(*file)->read_exactly(0, size).value(), to_hex(store::snapshot::digest_of(**file, size).value())};
}

Saved save(Reading& r) {
  REQUIRE(r.scene.state.commit().ok());
  const auto path = r.directory / "image.db";
  REQUIRE(write_image(r.reader, path).ok());
  return read_image(path);
}

// The same with a statement run on it, as if rows had been written so.
Saved changed(const Saved& saved, const test::TempDir& directory, const std::string& sql) {
  const auto path = directory / "changed.db";
  auto db = store::Connection::from_bytes(saved.database, {});
  REQUIRE(db.ok());
  REQUIRE(db->execute(sql).ok());
  REQUIRE(prove_rows(*db).ok());
  REQUIRE(db->copy_to(path).ok());
  return read_image(path);
}

void send(test::Fed& to, const Saved& saved, const std::string& name = "r1") {
  for (std::size_t at = 0; at < saved.database.size(); at += kPiece)
    to.done(SnapshotPieceSent{name, at, to_base64(ByteView(saved.database).substr(at, kPiece))});
}

SnapshotRestored use(const Saved& saved, const std::string& name = "r1") { return {name, saved.database.size(), saved.digest}; }

const ClusterCreated kCluster{"c1", "global"};

}  // namespace

TEST_CASE("a restored snapshot is the state again, changed at the entry that restored it", "[state][restore]") {
  Reading r;
  auto& s = r.scene;
  s.done(kCluster);
  s.done(s.placing(1, 2));
  const auto saved = save(r);
  s.done(s.stopping(1));
  s.done(s.registration(test::JobBuilder("later").group("g", 1).build(), 9));
  send(s, saved);
  const auto index = s.done(use(saved));

  CHECK(s.view().job({"default", {"later"}}) == nullptr);
  REQUIRE(s.alloc(1) != nullptr);
  CHECK(s.alloc(1)->desired_status == DesiredStatus::run);
  CHECK(s.view().index() == index);
  CHECK(s.alloc(1)->alloc_modify_index == index);
  CHECK(s.node(1)->modify_index == index);
  CHECK(s.job()->modify_index == index);
  CHECK(s.state.cluster_id() == "c1");
  for (const auto& id : test::parsed(list_nodes(r.reader, {})).column("ModifyIndex")) CHECK(id == std::to_string(index.value));
  CHECK(test::good(get_job(r.reader, s.key)).index == index);

  SECTION("and goes on from there") {
    CHECK(s.done(s.stopping(1)) == index.next());
    CHECK(s.alloc(1)->modify_index == index.next());
  }
  SECTION("the same after a restart") {
    const auto digest = s.digest();
    auto again = StateMachine::open(r.path);
    REQUIRE(again.ok());
    CHECK(*again->digest() == digest);
    CHECK(again->view()->index() == index);
  }
  SECTION("the same on a server that applies all in one batch") {
    auto other = StateMachine::open(":memory:");
    REQUIRE(other.ok());
    const auto batch = other->apply(s.feed.log());
    REQUIRE(batch.ok());
    CHECK(batch->replaced);
    CHECK(*other->digest() == s.digest());
  }
}

TEST_CASE("a snapshot of a longer history moves the indexes on, never back", "[state][restore]") {
  Reading old;
  old.scene.done(kCluster);
  for (std::uint64_t n = 1; n <= 40; ++n) old.scene.done(old.scene.placing(n));
  const auto saved = save(old);
  const auto newest = old.scene.view().index();

  test::TempDir directory;
  test::Fed fresh(directory / "state.db");
  fresh.done(ClusterCreated{"c2", "global"});
  send(fresh, saved);
  const auto log_index = fresh.done(use(saved));
  REQUIRE(log_index < newest);
  CHECK(fresh.view().index() == newest.next());
  CHECK(fresh.state.applied().index == log_index);
  CHECK(fresh.state.cluster_id() == "c2");

  const auto written = fresh.apply(NodeRegistered{test::NodeBuilder(7).build(), {}});
  CHECK(written.index == newest.next().next());
  CHECK(fresh.view().node(NodeId{test::uuid(7)})->modify_index == written.index);
  const auto digest = fresh.digest();
  auto again = StateMachine::open(directory / "state.db");
  REQUIRE(again.ok());
  CHECK(again->view()->index() == written.index);
  CHECK(again->applied().index == log_index.next());
  CHECK(*again->digest() == digest);
}

TEST_CASE("pieces that came before a restart count", "[state][restore]") {
  Reading r;
  r.scene.done(kCluster);
  const auto saved = save(r);
  send(r.scene, saved);
  REQUIRE(r.scene.state.commit().ok());
  auto again = StateMachine::open(r.path);
  REQUIRE(again.ok());
  const auto last = r.scene.feed.entry(use(saved));
  const auto batch = again->apply({&last, 1});
  REQUIRE(batch.ok());
  CHECK(batch->applied.front().outcome.ok());
  CHECK(batch->replaced);
}

TEST_CASE("what is no snapshot of this region changes nothing", "[state][restore]") {
  Reading r;
  auto& s = r.scene;
  s.done(kCluster);
  auto saved = save(r);
  SECTION("damaged") { saved.database[saved.database.size() / 2] ^= 1; }
  SECTION("no database") {
    saved.database = Bytes(20'000, 'x');
    saved.digest = to_hex(chain({}, {saved.database}));
  }
  SECTION("of another region") { saved = changed(saved, r.directory, "UPDATE meta SET region = 'mars'"); }
  SECTION("changed by hand") {
    auto db = store::Connection::from_bytes(saved.database, {});
    REQUIRE(db.ok());
    REQUIRE(db->execute("UPDATE node SET name = 'mine'").ok());
    REQUIRE(db->copy_to(r.directory / "by-hand.db").ok());
    saved = read_image(r.directory / "by-hand.db");
  }
  SECTION("of another kind") { saved = changed(saved, r.directory, "PRAGMA application_id = 7"); }
  SECTION("with a trigger") {
    saved = changed(saved, r.directory, "CREATE TRIGGER t AFTER INSERT ON node BEGIN DELETE FROM job; END");
  }
  SECTION("with a word that nobody knows") { saved = changed(saved, r.directory, "UPDATE node SET status = 'odd'"); }
  SECTION("of a later release") { saved = changed(saved, r.directory, "PRAGMA user_version = 99"); }
  send(s, saved);
  s.refused(use(saved));
  CHECK(s.job() != nullptr);
  CHECK(s.node(1)->status == NodeStatus::ready);
  REQUIRE(s.state.commit().ok());
  CHECK(r.reader.get_integer("SELECT count(*) FROM restore_piece").value() == 0);
}

TEST_CASE("pieces make a whole only in order and of one restore", "[state][restore]") {
  Reading r;
  auto& s = r.scene;
  s.done(kCluster);
  const auto saved = save(r);
  CHECK(s.refused(SnapshotPieceSent{"r1", kPiece, to_base64("x")}).code == Errc::conflict);
  CHECK(s.refused(SnapshotPieceSent{"r1", 0, "not base64!"}).code == Errc::invalid);
  s.done(SnapshotPieceSent{"r1", 0, to_base64(ByteView(saved.database).substr(0, kPiece))});
  CHECK(s.refused(use(saved)).code == Errc::conflict);
  SECTION("another restore discards what came before") {
    send(s, saved, "r2");
    CHECK(s.refused(use(saved)).code == Errc::conflict);
    s.done(use(saved, "r2"));
  }
  SECTION("a piece of nothing discards all") {
    s.done(SnapshotPieceSent{"r1", 0, ""});
    REQUIRE(s.state.commit().ok());
    CHECK(r.reader.get_integer("SELECT count(*) FROM restore_piece").value() == 0);
  }
}
