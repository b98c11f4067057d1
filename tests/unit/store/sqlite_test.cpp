// SPDX-License-Identifier: MPL-2.0
#include "store/sqlite.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <utility>

#include "tests/support/temp_dir.h"

using core::Errc;
using store::Access;
using store::Bound;
using store::ColumnKind;
using store::Connection;
using store::SqliteOptions;
using store::Transaction;

namespace {

Connection open(const std::string& path, SqliteOptions options = {}) {
  auto db = Connection::open(path, options);
  if (!db.ok()) FAIL(db.error().detail);
  return std::move(db).value();
}

Connection with_table(const std::string& path) {
  auto db = open(path);
  REQUIRE(db.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT UNIQUE, data BLOB)").ok());
  return db;
}

std::int64_t count(Connection& db) {
  const auto n = db.get_integer("SELECT count(*) FROM t");
  REQUIRE(n.ok());
  return n->value();
}

}  // namespace

TEST_CASE("values of every kind come back as they were bound", "[store][sqlite]") {
  auto db = open(":memory:");
  const std::string with_zero("a\0b", 3);
  auto row = db.query("SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7", -7, 2.5, "text", Bound::blob(with_zero), nullptr,
                      std::optional<std::string>(), std::string());
  REQUIRE(row.ok());
  REQUIRE(*row->step());
  CHECK(row->columns() == 7);
  CHECK(row->integer(0) == -7);
  CHECK(row->real(1) == 2.5);
  CHECK(row->text(2) == "text");
  CHECK(row->blob(3) == with_zero);
  CHECK(row->is_null(4));
  CHECK(row->is_null(5));
  CHECK(row->kind(6) == ColumnKind::text);
  CHECK(row->text(6).empty());
  CHECK(!*row->step());
}

TEST_CASE("a query's bindings outlive the values they came from", "[store][sqlite]") {
  auto db = open(":memory:");
  auto row = db.query("SELECT ?1", std::string(100, 'x'));
  REQUIRE(row.ok());
  REQUIRE(*row->step());
  CHECK(row->text(0) == std::string(100, 'x'));
}

TEST_CASE("the same text may be in use twice at once", "[store][sqlite]") {
  test::TempDir dir;
  auto db = with_table(dir / "db");
  for (int i = 1; i <= 3; ++i) REQUIRE(db.run("INSERT INTO t (id) VALUES (?1)", i).ok());
  auto outer = db.query("SELECT id FROM t ORDER BY id");
  REQUIRE(outer.ok());
  int seen = 0;
  while (*outer->step()) {
    auto inner = db.query("SELECT id FROM t ORDER BY id");
    REQUIRE(inner.ok());
    while (*inner->step()) ++seen;
  }
  CHECK(seen == 9);
}

TEST_CASE("a statement used again has forgotten its bindings", "[store][sqlite]") {
  auto db = open(":memory:");
  REQUIRE(db.get_text("SELECT ?1", "first")->value() == "first");
  auto again = db.query("SELECT ?1");
  REQUIRE(again.ok());
  REQUIRE(*again->step());
  CHECK(again->is_null(0));
}

TEST_CASE("run says how many rows changed", "[store][sqlite]") {
  test::TempDir dir;
  auto db = with_table(dir / "db");
  for (int i = 1; i <= 4; ++i) REQUIRE(*db.run("INSERT INTO t (id) VALUES (?1)", i) == 1);
  CHECK(db.last_insert_rowid() == 4);
  CHECK(*db.run("UPDATE t SET name = 'n' || id WHERE id > ?1", 1) == 3);
  CHECK(*db.run("DELETE FROM t WHERE id = ?1", 99) == 0);
}

TEST_CASE("a broken constraint is a conflict that names the statement and not the value", "[store][sqlite]") {
  test::TempDir dir;
  auto db = with_table(dir / "db");
  REQUIRE(db.run("INSERT INTO t (name) VALUES (?1)", "hunter2").ok());
  const auto twice = db.run("INSERT INTO t (name) VALUES (?1)", "hunter2");
  REQUIRE(!twice.ok());
  CHECK(twice.error().code == Errc::conflict);
  CHECK(twice.error().detail.find("INSERT INTO t") != std::string::npos);
  CHECK(twice.error().detail.find("hunter2") == std::string::npos);
  CHECK(db.run("INSERT INTO t (name) VALUES (?1)", "other").ok());
}

TEST_CASE("wrong SQL is an error, not an exception", "[store][sqlite]") {
  auto db = open(":memory:");
  CHECK(db.execute("CREATE TABEL t (id)").error().code == Errc::invalid);
  CHECK(db.query("SELECT * FROM missing").error().code == Errc::invalid);
}

TEST_CASE("a transaction that is not committed leaves no trace", "[store][sqlite]") {
  test::TempDir dir;
  auto db = with_table(dir / "db");
  {
    auto transaction = Transaction::begin(db, Transaction::Kind::write);
    REQUIRE(transaction.ok());
    REQUIRE(db.run("INSERT INTO t (id) VALUES (1)").ok());
    CHECK(db.in_transaction());
  }
  CHECK(!db.in_transaction());
  CHECK(count(db) == 0);
  auto transaction = Transaction::begin(db, Transaction::Kind::write);
  REQUIRE(transaction.ok());
  REQUIRE(db.run("INSERT INTO t (id) VALUES (1)").ok());
  REQUIRE(transaction->commit().ok());
  CHECK(count(db) == 1);
}

TEST_CASE("a reader keeps its view while a writer commits, and a second writer is told to come back",
          "[store][sqlite]") {
  test::TempDir dir;
  auto writer = with_table(dir / "db");
  auto reader = open(dir / "db", {.access = Access::read_only});
  auto view = Transaction::begin(reader, Transaction::Kind::read);
  REQUIRE(view.ok());
  CHECK(count(reader) == 0);
  auto writing = Transaction::begin(writer, Transaction::Kind::write);
  REQUIRE(writing.ok());
  REQUIRE(writer.run("INSERT INTO t (id) VALUES (1)").ok());

  auto other = open(dir / "db", {.busy_timeout = std::chrono::nanoseconds(0)});
  CHECK(Transaction::begin(other, Transaction::Kind::write).error().code == Errc::busy);

  REQUIRE(writing->commit().ok());
  CHECK(count(reader) == 0);
  view->rollback();
  CHECK(count(reader) == 1);
}

TEST_CASE("a read within a transaction is part of it and does not end it", "[store][sqlite]") {
  test::TempDir dir;
  auto writer = with_table(dir / "db");
  auto reader = open(dir / "db", {.access = Access::read_only});
  auto view = Transaction::begin(reader, Transaction::Kind::read);
  REQUIRE(view.ok());
  CHECK(count(reader) == 0);
  REQUIRE(writer.run("INSERT INTO t (id) VALUES (1)").ok());
  {
    auto inner = Transaction::begin(reader, Transaction::Kind::read);
    REQUIRE(inner.ok());
    CHECK(count(reader) == 0);
  }
  CHECK(reader.in_transaction());
  CHECK(count(reader) == 0);
  view->rollback();
  CHECK(count(reader) == 1);
}

TEST_CASE("a read-only connection writes nothing", "[store][sqlite]") {
  test::TempDir dir;
  { auto db = with_table(dir / "db"); }
  auto reader = open(dir / "db", {.access = Access::read_only});
  CHECK(reader.run("INSERT INTO t (id) VALUES (1)").error().code == Errc::permission);
}

TEST_CASE("a database that must exist is not made", "[store][sqlite]") {
  test::TempDir dir;
  const auto access = GENERATE(Access::read_only, Access::read_write);
  CHECK(Connection::open(dir / "db", {.access = access}).error().code == Errc::not_found);
  CHECK(!std::filesystem::exists(dir / "db"));
}

TEST_CASE("a file that is no database is refused as corrupt when opened", "[store][sqlite]") {
  test::TempDir dir;
  std::ofstream(dir / "db") << std::string(8192, 'x');
  const auto db = Connection::open(dir / "db", {.access = Access::read_write});
  REQUIRE(!db.ok());
  CHECK(db.error().code == Errc::corrupt);
  CHECK(db.error().detail.find(dir / "db") != std::string::npos);
}

TEST_CASE("an application id is stamped once and then insisted on", "[store][sqlite]") {
  test::TempDir dir;
  { open(dir / "db", {.application_id = 42}); }
  { open(dir / "db", {.application_id = 42}); }
  CHECK(Connection::open(dir / "db", {.application_id = 43}).error().code == Errc::corrupt);
  CHECK(Connection::open(dir / "db", {.access = Access::read_only, .application_id = 43}).error().code ==
        Errc::corrupt);
}

TEST_CASE("the user version is kept with the file", "[store][sqlite]") {
  test::TempDir dir;
  {
    auto db = open(dir / "db");
    CHECK(*db.user_version() == 0);
    REQUIRE(db.set_user_version(7).ok());
  }
  CHECK(*open(dir / "db").user_version() == 7);
}

TEST_CASE("a copy is complete, is one file, and does not hold up the writer", "[store][sqlite]") {
  test::TempDir dir;
  auto writer = with_table(dir / "db");
  REQUIRE(writer.set_user_version(3).ok());
  REQUIRE(writer.run("INSERT INTO t (id) VALUES (1)").ok());
  auto writing = Transaction::begin(writer, Transaction::Kind::write);
  REQUIRE(writing.ok());
  REQUIRE(writer.run("INSERT INTO t (id) VALUES (2)").ok());

  auto copier = open(dir / "db", {.access = Access::read_only});
  REQUIRE(copier.copy_to(dir / "copy").ok());
  REQUIRE(writing->commit().ok());

  auto copy = open(dir / "copy", {.access = Access::read_only});
  CHECK(count(copy) == 1);
  CHECK(*copy.user_version() == 3);
  CHECK(copy.quick_check().ok());
  CHECK(!std::filesystem::exists(dir / "copy-wal"));
}

TEST_CASE("who copies is asked between the rows, and may end it", "[store][sqlite]") {
  test::TempDir dir;
  auto db = with_table(dir / "db");
  for (int i = 0; i < 5000; ++i) REQUIRE(db.run("INSERT INTO t (id) VALUES (?1)", i).ok());
  int asked = 0;
  REQUIRE(db.copy_to(dir / "whole", [&] {
    ++asked;
    return core::ok_status();
  }).ok());
  CHECK(asked > 10);
  const int asked_in_all = std::exchange(asked, 0);
  const auto ended = db.copy_to(dir / "half", [&]() -> core::Status {
    if (++asked < asked_in_all / 2) return core::ok_status();
    return core::Error{Errc::no_space, "enough"};
  });
  CHECK(ended.error().detail == "enough");
  CHECK(asked == asked_in_all / 2);
  CHECK(count(db) == 5000);  // and is asked no more
  CHECK(asked == asked_in_all / 2);
}

TEST_CASE("quick_check finds a damaged page", "[store][sqlite]") {
  test::TempDir dir;
  {
    auto db = with_table(dir / "db");
    for (int i = 0; i < 2000; ++i)
      REQUIRE(db.run("INSERT INTO t (name) VALUES (?1)", "row " + std::to_string(i)).ok());
    CHECK(db.quick_check().ok());
  }
  std::fstream file(dir / "db", std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(4096 * 3);
  file << std::string(64, '\x7f');
  file.close();
  CHECK(open(dir / "db").quick_check().error().code == Errc::corrupt);
}

TEST_CASE("a statement may call a function of ours with values of every kind", "[store][sqlite]") {
  auto db = open(":memory:");
  std::vector<store::Value> seen;
  std::string text, blob;
  db.define("count_of", [&](std::span<const store::Value> values) {
    seen.assign(values.begin(), values.end());
    text = values[1].bytes;
    blob = values[2].bytes;
    return static_cast<std::int64_t>(values.size());
  });
  CHECK(db.get_integer("SELECT count_of(7, 'text', x'00ff', NULL)").value() == 4);
  REQUIRE(seen.size() == 4);
  CHECK(seen[0].kind == ColumnKind::integer);
  CHECK(seen[0].integer == 7);
  CHECK(seen[1].kind == ColumnKind::text);
  CHECK(text == "text");
  CHECK(seen[2].kind == ColumnKind::blob);
  CHECK(blob == std::string("\0\xff", 2));
  CHECK(seen[3].kind == ColumnKind::null);
}
