// SPDX-License-Identifier: MPL-2.0
#include "store/env_posix.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "tests/support/temp_dir.h"

using core::Errc;
using store::Open;

namespace {

std::string read_all(store::Env& env, const std::string& path) {
  auto file = env.open(path, Open::read);
  REQUIRE(file.ok());
  const auto size = (*file)->size();
  REQUIRE(size.ok());
  const auto bytes = (*file)->read_exactly(0, *size);
  REQUIRE(bytes.ok());
  return *bytes;
}

void write_all(store::Env& env, const std::string& path, std::string_view bytes) {
  auto file = env.open(path, Open::replace);
  REQUIRE(file.ok());
  REQUIRE((*file)->write_at(0, bytes).ok());
  REQUIRE((*file)->sync().ok());
  REQUIRE((*file)->close().ok());
}

}  // namespace

TEST_CASE("what was written at an offset is read there, and the gap before it is zero", "[store][env]") {
  test::TempDir dir;
  store::PosixEnv env;
  auto file = env.open(dir / "a", Open::create);
  REQUIRE(file.ok());
  REQUIRE((*file)->write_at(3, "xyz").ok());
  REQUIRE((*file)->append("!").ok());
  CHECK(*(*file)->size() == 7);
  CHECK(*(*file)->read_exactly(0, 7) == std::string("\0\0\0xyz!", 7));
}

TEST_CASE("reading past the end gives what is there, and asking for all of it says where it ends",
          "[store][env]") {
  test::TempDir dir;
  store::PosixEnv env;
  write_all(env, dir / "a", "12345");
  auto file = env.open(dir / "a", Open::read);
  REQUIRE(file.ok());
  char buffer[16];
  CHECK(*(*file)->read_at(3, buffer, sizeof buffer) == 2);
  CHECK(*(*file)->read_at(9, buffer, sizeof buffer) == 0);
  const auto short_read = (*file)->read_exactly(2, 10);
  REQUIRE(!short_read.ok());
  CHECK(short_read.error().code == Errc::corrupt);
  CHECK(short_read.error().detail.find("offset 5") != std::string::npos);
}

TEST_CASE("allocated space reads as zero and leaves what was written alone", "[store][env]") {
  test::TempDir dir;
  store::PosixEnv env;
  auto file = env.open(dir / "a", Open::create);
  REQUIRE(file.ok());
  REQUIRE((*file)->write_at(0, "head").ok());
  REQUIRE((*file)->allocate(8192).ok());
  CHECK(*(*file)->size() == 8192);
  CHECK(*(*file)->read_exactly(0, 8) == std::string("head\0\0\0\0", 8));
  REQUIRE((*file)->truncate(2).ok());
  CHECK(*(*file)->read_exactly(0, 2) == "he");
}

TEST_CASE("each way of opening insists on what it says", "[store][env]") {
  test::TempDir dir;
  store::PosixEnv env;
  CHECK(env.open(dir / "a", Open::read).error().code == Errc::not_found);
  CHECK(env.open(dir / "a", Open::write).error().code == Errc::not_found);
  write_all(env, dir / "a", "old");
  CHECK(env.open(dir / "a", Open::create).error().code == Errc::conflict);
  CHECK(read_all(env, dir / "a") == "old");
  REQUIRE(env.open(dir / "a", Open::replace).ok());
  CHECK(read_all(env, dir / "a").empty());
}

TEST_CASE("a failure names the path", "[store][env]") {
  test::TempDir dir;
  store::PosixEnv env;
  CHECK(env.open(dir / "no/such", Open::read).error().detail.find(dir / "no/such") != std::string::npos);
  CHECK(env.remove(dir / "gone").error().code == Errc::not_found);
  CHECK(env.list(dir / "gone").error().code == Errc::not_found);
  CHECK(env.sync_directory(dir / "gone").error().code == Errc::not_found);
  CHECK(env.rename(dir / "gone", dir / "x").error().code == Errc::not_found);
}

TEST_CASE("rename replaces its target, and list is sorted", "[store][env]") {
  test::TempDir dir;
  store::PosixEnv env;
  write_all(env, dir / "b", "new");
  write_all(env, dir / "a", "old");
  write_all(env, dir / "c", "other");
  REQUIRE(env.rename(dir / "b", dir / "a").ok());
  REQUIRE(env.sync_directory(dir.path()).ok());
  CHECK(read_all(env, dir / "a") == "new");
  CHECK(*env.list(dir.path()) == std::vector<std::string>{"a", "c"});
  REQUIRE(env.remove(dir / "c").ok());
  CHECK(!*env.exists(dir / "c"));
  CHECK(*env.exists(dir / "a"));
}

TEST_CASE("directories are made with their parents and only once", "[store][env]") {
  test::TempDir dir;
  store::PosixEnv env;
  REQUIRE(env.make_directories(dir / "x/y/z").ok());
  REQUIRE(env.make_directories(dir / "x/y/z").ok());
  CHECK(*env.exists(dir / "x/y/z"));
  write_all(env, dir / "file", "");
  CHECK(env.make_directories(dir / "file").error().code == Errc::conflict);
  CHECK(!env.make_directories(dir / "file/below").ok());
}

TEST_CASE("a lock is held once, says by whom, and ends with its holder", "[store][env]") {
  test::TempDir dir;
  store::PosixEnv env;
  {
    const auto held = env.lock(dir / "lock");
    REQUIRE(held.ok());
    const auto second = env.lock(dir / "lock");
    REQUIRE(!second.ok());
    CHECK(second.error().code == Errc::in_use);
    CHECK(second.error().detail.find("by process ") != std::string::npos);
  }
  CHECK(env.lock(dir / "lock").ok());
}

TEST_CASE("files are readable by their owner alone", "[store][env]") {
  test::TempDir dir;
  store::PosixEnv env;
  write_all(env, dir / "secret", "s");
  REQUIRE(env.make_directories(dir / "private").ok());
  struct stat info;
  REQUIRE(::stat((dir / "secret").c_str(), &info) == 0);
  CHECK((info.st_mode & 0077) == 0);
  REQUIRE(::stat((dir / "private").c_str(), &info) == 0);
  CHECK((info.st_mode & 0077) == 0);
}

TEST_CASE("a full device is no_space, whichever call meets it", "[store][env]") {
  store::PosixEnv env;
  auto file = env.open("/dev/full", Open::write);
  REQUIRE(file.ok());
  const auto written = (*file)->write_at(0, "x");
  REQUIRE(!written.ok());
  CHECK(written.error().code == Errc::no_space);
  CHECK(written.error().detail.find("/dev/full") != std::string::npos);
}

TEST_CASE("free space is asked of the file system that holds the path", "[store][env]") {
  test::TempDir dir;
  store::PosixEnv env;
  CHECK(*env.free_bytes(dir.path()) > 0);
  CHECK(env.free_bytes(dir / "gone").error().code == Errc::not_found);
}
