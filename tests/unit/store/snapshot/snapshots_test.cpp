// SPDX-License-Identifier: MPL-2.0
#include "store/snapshot/snapshots.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "store/env_posix.h"
#include "store/sqlite.h"
#include "tests/support/faulty_disk.h"
#include "tests/support/temp_dir.h"

using namespace store::snapshot;
using core::Errc;
using core::Index;
using core::Term;

namespace {

SnapshotMeta meta(std::uint64_t index, std::uint64_t term = 1) {
  SnapshotMeta out;
  out.last = {Term{term}, Index{index}};
  out.digest = core::digest({std::to_string(index)});
  out.configuration.peers = {{core::ServerId{"a"}, "127.0.0.1:4647", true}};
  out.configuration_index = Index{1};
  return out;
}

store::Status is_sound(const std::string& path) {
  TRY(auto db, store::Connection::open(path, {.access = store::Access::read_only}));
  return db.quick_check();
}

Snapshots open(store::Env& env, const std::string& directory) {
  auto snapshots = Snapshots::open(env, directory, is_sound);
  if (!snapshots.ok()) FAIL(snapshots.error().detail);
  return std::move(snapshots).value();
}

// A database with `rows` rows, copied as a snapshot is made: from a reader's view.
Snapshots::Write database(const test::TempDir& dir, int rows, const SnapshotMeta& stands_for) {
  return [&dir, rows, stands_for](const std::string& path, const auto& between) -> core::Result<SnapshotMeta> {
    TRY(auto source, store::Connection::open(dir / ("source-" + std::to_string(rows)), {}));
    TRY(source.execute("CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, text TEXT)"));
    for (int i = 0; i < rows; ++i) TRY(source.run("INSERT INTO t (text) VALUES (?1)", std::string(100, 'x')));
    TRY(source.copy_to(path, between));
    return stands_for;
  };
}

std::int64_t rows_in(const std::string& path) {
  auto db = store::Connection::open(path, {.access = store::Access::read_only});
  if (!db.ok()) FAIL(db.error().detail);
  REQUIRE(db->quick_check().ok());
  return db->get_integer("SELECT count(*) FROM t")->value();
}

void damage(const std::string& path, std::uint64_t offset) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(offset));
  const char byte = static_cast<char>(file.get() ^ 0x04);
  file.seekp(static_cast<std::streamoff>(offset));
  file.put(byte);
}

core::raft::StoreSnapshot piece_of(Snapshots& from, const SnapshotMeta& snapshot, std::uint64_t offset,
                                   std::size_t bytes_max) {
  const auto piece = from.read(snapshot.last, offset, bytes_max);
  REQUIRE(piece.ok());
  return {snapshot, offset, piece->bytes, offset + piece->bytes->size() == piece->size_bytes};
}

}  // namespace

TEST_CASE("a snapshot is a database anybody can open, and knows what it stands for", "[store][snapshot]") {
  test::TempDir dir;
  store::PosixEnv env;
  auto snapshots = open(env, dir / "snapshots");
  CHECK(snapshots.list().empty());
  CHECK(!*snapshots.newest_valid());
  const auto made = snapshots.create(database(dir, 500, meta(70, 3)));
  REQUIRE(made.ok());
  CHECK(made->path == dir / "snapshots/70-3.db");
  CHECK(rows_in(made->path) == 500);
  snapshots = open(env, dir / "snapshots");
  REQUIRE(snapshots.list().size() == 1);
  CHECK(snapshots.list()[0].meta == meta(70, 3));
  CHECK(snapshots.list()[0].bytes == *(*env.open(made->path, store::Open::read))->size());
  CHECK((*snapshots.newest_valid())->meta == meta(70, 3));
}

TEST_CASE("the newest are kept, whatever order they came in", "[store][snapshot]") {
  test::TempDir dir;
  store::PosixEnv env;
  auto snapshots = open(env, dir / "snapshots");
  for (const auto index : {30u, 100u, 9u, 20u}) REQUIRE(snapshots.create(database(dir, 1, meta(index))).ok());
  CHECK(snapshots.list().front().meta.last.index == Index{100});
  REQUIRE(snapshots.keep(2).ok());
  snapshots = open(env, dir / "snapshots");
  REQUIRE(snapshots.list().size() == 2);
  CHECK(snapshots.list()[0].meta.last.index == Index{100});
  CHECK(snapshots.list()[1].meta.last.index == Index{30});
}

TEST_CASE("a failed snapshot leaves nothing that counts", "[store][snapshot]") {
  test::TempDir dir;
  store::PosixEnv env;
  auto snapshots = open(env, dir / "snapshots");
  const auto failed = snapshots.create([](const std::string&, const auto&) -> core::Result<SnapshotMeta> {
    return core::Error{Errc::no_space, "full"};
  });
  CHECK(failed.error().code == Errc::no_space);
  const auto unsound = snapshots.create([](const std::string& path, const auto&) -> core::Result<SnapshotMeta> {
    std::ofstream(path) << std::string(8192, 'x');
    return meta(5);
  });
  CHECK(unsound.error().code == Errc::corrupt);
  CHECK(snapshots.list().empty());
  CHECK(open(env, dir / "snapshots").list().empty());
  CHECK(snapshots.create(database(dir, 1, meta(6))).ok());
}

TEST_CASE("a damaged snapshot is passed over for the one before it", "[store][snapshot]") {
  test::TempDir dir;
  store::PosixEnv env;
  std::string newest;
  {
    auto snapshots = open(env, dir / "snapshots");
    REQUIRE(snapshots.create(database(dir, 10, meta(10))).ok());
    newest = snapshots.create(database(dir, 20, meta(20)))->path;
  }
  SECTION("in its database") {
    damage(newest, 5000);
    auto snapshots = open(env, dir / "snapshots");
    CHECK((*snapshots.newest_valid())->meta == meta(10));
    REQUIRE(snapshots.damaged().size() == 1);
    CHECK(snapshots.damaged()[0].find(newest) != std::string::npos);
  }
  SECTION("in its trailer") {
    const auto size = *(*env.open(newest, store::Open::read))->size();
    damage(newest, size - 1);
    auto snapshots = open(env, dir / "snapshots");
    CHECK(snapshots.list().size() == 1);
    CHECK(snapshots.damaged().size() == 1);
  }
  SECTION("under another's name") {
    REQUIRE(env.rename(newest, dir / "snapshots/21-1.db").ok());
    auto snapshots = open(env, dir / "snapshots");
    CHECK(snapshots.list().size() == 1);
    CHECK(snapshots.damaged().size() == 1);
  }
  CHECK(*env.exists(newest) != *env.exists(dir / "snapshots/21-1.db"));
}

TEST_CASE("a snapshot travels in pieces and goes on after a restart of the receiver", "[store][snapshot]") {
  test::TempDir dir;
  store::PosixEnv env;
  auto sender = open(env, dir / "sender");
  auto receiver = open(env, dir / "receiver");
  const auto made = sender.create(database(dir, 800, meta(70)));
  REQUIRE(made.ok());
  std::uint64_t offset = 0;
  for (bool done = false; !done;) {
    const auto piece = piece_of(sender, meta(70), offset, 10'000);
    const auto next = receiver.store(piece);
    REQUIRE(next.ok());
    CHECK(*next == offset + piece.bytes->size());
    offset = *next;
    done = piece.last;
    if (done) break;
    CHECK(receiver.list().empty());
    receiver = open(env, dir / "receiver");
    CHECK(*receiver.received({Term{1}, Index{70}}) == offset);
  }
  REQUIRE(receiver.list().size() == 1);
  CHECK(receiver.list()[0].meta == meta(70));
  CHECK(receiver.list()[0].digest == made->digest);
  CHECK(rows_in(dir / "receiver/70-1.db") == 800);
  CHECK(*receiver.received({Term{1}, Index{70}}) == 0);
}

TEST_CASE("pieces may come again but not too early", "[store][snapshot]") {
  test::TempDir dir;
  store::PosixEnv env;
  auto sender = open(env, dir / "sender");
  auto receiver = open(env, dir / "receiver");
  REQUIRE(sender.create(database(dir, 300, meta(70))).ok());
  REQUIRE(receiver.store(piece_of(sender, meta(70), 0, 5000)).ok());
  REQUIRE(receiver.store(piece_of(sender, meta(70), 5000, 5000)).ok());
  CHECK(*receiver.store(piece_of(sender, meta(70), 4000, 3000)) == 7000);
  const auto gap = receiver.store(piece_of(sender, meta(70), 8000, 1000));
  CHECK(gap.error().code == Errc::conflict);
  CHECK(receiver.store(piece_of(sender, meta(70), 7000, 1 << 30)).ok());
  CHECK(receiver.list().size() == 1);
}

TEST_CASE("a first piece discards every other unfinished snapshot", "[store][snapshot]") {
  test::TempDir dir;
  store::PosixEnv env;
  auto sender = open(env, dir / "sender");
  auto receiver = open(env, dir / "receiver");
  for (const auto index : {70u, 80u}) REQUIRE(sender.create(database(dir, 300, meta(index))).ok());
  REQUIRE(receiver.store(piece_of(sender, meta(70), 0, 5000)).ok());
  REQUIRE(receiver.store(piece_of(sender, meta(80), 0, 5000)).ok());
  CHECK(*receiver.received({Term{1}, Index{70}}) == 0);
  CHECK(*receiver.received({Term{1}, Index{80}}) == 5000);
}

TEST_CASE("a snapshot that arrives damaged or is another one is discarded", "[store][snapshot]") {
  test::TempDir dir;
  store::PosixEnv env;
  auto sender = open(env, dir / "sender");
  auto receiver = open(env, dir / "receiver");
  REQUIRE(sender.create(database(dir, 100, meta(70))).ok());
  auto whole = piece_of(sender, meta(70), 0, 1 << 30);
  REQUIRE(whole.last);
  SECTION("damaged") {
    auto bytes = *whole.bytes;
    bytes[6000] = static_cast<char>(bytes[6000] ^ 1);
    whole.bytes = std::make_shared<const core::Bytes>(bytes);
  }
  SECTION("another history") { whole.snapshot.digest = core::digest({"other"}); }
  SECTION("cut short") { whole.bytes = std::make_shared<const core::Bytes>(whole.bytes->substr(0, 6000)); }
  CHECK(receiver.store(whole).error().code == Errc::corrupt);
  CHECK(receiver.list().empty());
  CHECK(*receiver.received({Term{1}, Index{70}}) == 0);
  CHECK(open(env, dir / "receiver").list().empty());
}

TEST_CASE("what is not there is not sent", "[store][snapshot]") {
  test::TempDir dir;
  store::PosixEnv env;
  auto snapshots = open(env, dir / "snapshots");
  REQUIRE(snapshots.create(database(dir, 1, meta(7))).ok());
  CHECK(snapshots.read({Term{1}, Index{8}}, 0, 10).error().code == Errc::not_found);
  CHECK(snapshots.read({Term{1}, Index{7}}, 1 << 30, 10).error().code == Errc::invalid);
}

TEST_CASE("a large snapshot becomes durable while it is written and while it arrives", "[store][snapshot]") {
  test::FaultyDisk disk;
  std::size_t unsynced = 0, most = 0;  // writes to it
  disk.set_hook([&](const test::FaultyDisk::Operation& operation) -> std::optional<core::Error> {
    using Kind = test::FaultyDisk::Operation::Kind;
    if (operation.kind == Kind::sync) unsynced = 0;
    if (operation.kind == Kind::write) most = std::max(most, ++unsynced);
    return std::nullopt;
  });
  const auto sound = [](const std::string&) { return core::ok_status(); };
  auto sender = Snapshots::open(disk, "/sender", sound);
  constexpr std::size_t kPiece = 64 * core::limits::kKiB, kPieces = 10 * core::limits::kMiB / kPiece;
  const auto made = sender->create([&](const std::string& path, const auto& between) -> core::Result<SnapshotMeta> {
    TRY(auto file, disk.open(path, store::Open::create));
    for (std::size_t i = 0; i < kPieces; ++i) {
      TRY(file->write_at(i * kPiece, core::Bytes(kPiece, 'x')));
      TRY(between());
    }
    return meta(70);
  });
  REQUIRE(made.ok());
  CHECK(most <= kUnsyncedBytesMax / kPiece);

  auto receiver = Snapshots::open(disk, "/receiver", sound);
  most = unsynced = 0;
  for (std::uint64_t offset = 0; receiver->list().empty();) {
    const auto next = receiver->store(piece_of(*sender, meta(70), offset, kPiece));
    REQUIRE(next.ok());
    offset = *next;
  }
  CHECK(most <= kUnsyncedBytesMax / kPiece);
}

TEST_CASE("a snapshot of which a part cannot be made durable does not count", "[store][snapshot]") {
  test::FaultyDisk disk;
  auto snapshots = Snapshots::open(disk, "/srv", [](const std::string&) { return core::ok_status(); });
  disk.set_hook([](const test::FaultyDisk::Operation& operation) -> std::optional<core::Error> {
    if (operation.kind != test::FaultyDisk::Operation::Kind::sync) return std::nullopt;
    return core::Error{Errc::io, "broken"};
  });
  bool written = false;
  const auto made = snapshots->create([&](const std::string& path, const auto& between) -> core::Result<SnapshotMeta> {
    TRY(auto file, disk.open(path, store::Open::create));
    TRY(file->write_at(0, core::Bytes(kUnsyncedBytesMax, 'x')));
    TRY(between());
    written = true;
    return meta(5);
  });
  CHECK(made.error().code == Errc::io);
  CHECK(!written);
  CHECK(snapshots->list().empty());
}
