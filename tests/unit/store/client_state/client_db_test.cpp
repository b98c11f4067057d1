// SPDX-License-Identifier: MPL-2.0
#include "store/client_state/client_db.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "store/env_posix.h"
#include "store/sqlite.h"
#include "tests/support/temp_dir.h"

using namespace store::client_state;
using core::Errc;

namespace {

ClientDb open(store::Env& env, const std::string& directory) {
  auto db = ClientDb::open(env, directory);
  if (!db.ok()) FAIL(db.error().detail);
  return std::move(db).value();
}

}  // namespace

TEST_CASE("a new client remembers nothing", "[store][client]") {
  test::TempDir dir;
  store::PosixEnv env;
  auto db = open(env, dir / "client");
  CHECK(!*db.identity());
  CHECK(*db.last_index() == 0);
  CHECK(db.allocs()->empty());
  CHECK(db.tasks()->empty());
  CHECK(!db.set_aside());
}

TEST_CASE("what was put is there after a restart", "[store][client]") {
  test::TempDir dir;
  store::PosixEnv env;
  {
    auto db = open(env, dir / "client");
    REQUIRE(db.put_identity({"node-1", "secret-1"}).ok());
    REQUIRE(db.put_last_index(41).ok());
    REQUIRE(db.put_alloc("b", R"({"ID":"b"})").ok());
    REQUIRE(db.put_alloc("a", R"({"ID":"a"})").ok());
    REQUIRE(db.put_alloc("a", R"({"ID":"a","v":2})").ok());
    REQUIRE(db.put_task_handle("a", "web", R"({"Pid":7})").ok());
    REQUIRE(db.put_task_state("a", "web", R"({"State":"running"})").ok());
    REQUIRE(db.put_value("drain", "true").ok());
  }
  auto db = open(env, dir / "client");
  CHECK(*db.identity() == Identity{"node-1", "secret-1"});
  CHECK(*db.last_index() == 41);
  CHECK(*db.allocs() == std::vector<StoredAlloc>{{"a", R"({"ID":"a","v":2})"}, {"b", R"({"ID":"b"})"}});
  CHECK(*db.tasks() == std::vector<StoredTask>{{"a", "web", R"({"State":"running"})", R"({"Pid":7})"}});
  CHECK(*db.value("drain") == "true");
  REQUIRE(db.remove_value("drain").ok());
  CHECK(!*db.value("drain"));
}

TEST_CASE("an allocation takes its tasks with it", "[store][client]") {
  test::TempDir dir;
  store::PosixEnv env;
  auto db = open(env, dir / "client");
  for (const auto* alloc : {"a", "b"}) {
    REQUIRE(db.put_alloc(alloc, "{}").ok());
    REQUIRE(db.put_task_handle(alloc, "web", "{}").ok());
  }
  REQUIRE(db.remove_alloc("a").ok());
  REQUIRE(db.remove_alloc("gone").ok());
  CHECK(db.allocs()->size() == 1);
  REQUIRE(db.tasks()->size() == 1);
  CHECK(db.tasks()->front().alloc_id == "b");
}

TEST_CASE("a forgotten handle leaves the task's state", "[store][client]") {
  test::TempDir dir;
  store::PosixEnv env;
  auto db = open(env, dir / "client");
  REQUIRE(db.put_task_state("a", "web", "dead").ok());
  REQUIRE(db.put_task_handle("a", "web", "{}").ok());
  REQUIRE(db.put_task_handle("a", "web", "").ok());
  CHECK(db.tasks()->front() == StoredTask{"a", "web", "dead", ""});
}

TEST_CASE("the index acted on never goes back", "[store][client]") {
  test::TempDir dir;
  store::PosixEnv env;
  auto db = open(env, dir / "client");
  REQUIRE(db.put_last_index(10).ok());
  REQUIRE(db.put_last_index(10).ok());
  CHECK(db.put_last_index(9).error().code == Errc::conflict);
  CHECK(*db.last_index() == 10);
}

TEST_CASE("puts made together are kept together or not at all", "[store][client]") {
  test::TempDir dir;
  store::PosixEnv env;
  auto db = open(env, dir / "client");
  const auto puts = [&](bool fail) {
    return db.together([&]() -> core::Status {
      TRY(db.put_alloc("a", "{}"));
      TRY(db.remove_alloc("other"));
      TRY(db.put_task_state("a", "web", "pending"));
      if (fail) return core::Error{Errc::invalid, "no"};
      return core::ok_status();
    });
  };
  CHECK(puts(true).error().detail == "no");
  CHECK(db.allocs()->empty());
  CHECK(db.tasks()->empty());
  REQUIRE(puts(false).ok());
  CHECK(db.allocs()->size() == 1);
}

TEST_CASE("one process has it open", "[store][client]") {
  test::TempDir dir;
  store::PosixEnv env;
  const auto first = open(env, dir / "client");
  CHECK(ClientDb::open(env, dir / "client").error().code == Errc::in_use);
}

TEST_CASE("a damaged file is moved aside, said aloud, and replaced", "[store][client]") {
  test::TempDir dir;
  store::PosixEnv env;
  const auto path = dir / "client/state.db";
  {
    auto db = open(env, dir / "client");
    for (int i = 0; i < 500; ++i)
      REQUIRE(db.put_alloc("alloc-" + std::to_string(i), std::string(200, 'x')).ok());
  }
  SECTION("no database at all") { std::ofstream(path) << std::string(4096, 'x'); }
  SECTION("a page of it") {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096 * 5);
    file << std::string(64, '\x7f');
  }
  SECTION("another kind of database") {
    REQUIRE(env.remove(path).ok());
    REQUIRE(store::Connection::open(path, {.application_id = 99}).ok());
  }
  auto db = open(env, dir / "client");
  REQUIRE(db.set_aside());
  CHECK(db.set_aside()->find(path + ".damaged-1") != std::string::npos);
  CHECK(*env.exists(path + ".damaged-1"));
  CHECK(db.allocs()->empty());
  REQUIRE(db.put_alloc("a", "{}").ok());
}

TEST_CASE("a file of a version to come is left alone", "[store][client]") {
  test::TempDir dir;
  store::PosixEnv env;
  { open(env, dir / "client"); }
  {
    auto raw = store::Connection::open(dir / "client/state.db", {});
    REQUIRE(raw->set_user_version(99).ok());
  }
  CHECK(ClientDb::open(env, dir / "client").error().code == Errc::unsupported);
  CHECK(!*env.exists(dir / "client/state.db.damaged-1"));
}
