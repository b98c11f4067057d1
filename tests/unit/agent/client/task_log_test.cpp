// SPDX-License-Identifier: MPL-2.0
#include "agent/client/task_log.h"

#include <catch2/catch.hpp>

#include <sys/stat.h>

#include <fstream>

#include "tests/unit/agent/client/rig.h"

using namespace test;

namespace {

struct LogsRig {
  TempDir root;
  AllocDir dir{root.path(), root / "control", core::AllocId{"a1"}};
  TaskLog log{dir, "web", "stdout"};
  LogsRig() { REQUIRE(posix::make_directories(dir.path() + "/alloc/logs", 0755).ok()); }
  void write(int n, const std::string& text) { std::ofstream(dir.path() + "/alloc/logs/web.stdout." + std::to_string(n), std::ios::app) << text; }
  std::string rest(LogPosition position) {
    std::string all;
    for (;;) {
      const auto piece = log.read(position, 4);
      REQUIRE(piece.ok());
      all += piece->bytes;
      if (piece->end) return all;
    }
  }
};

}  // namespace

TEST_CASE("a log in several files reads as one", "[task_log]") {
  LogsRig rig;
  rig.write(3, "abc");
  rig.write(4, "defghi");
  rig.write(10, "jk");
  CHECK(rig.rest(*rig.log.from_start(0)) == "abcdefghijk");
  CHECK(rig.rest(*rig.log.from_start(5)) == "fghijk");
  CHECK(rig.rest(*rig.log.from_end(3)) == "ijk");
  CHECK(rig.rest(*rig.log.from_end(0)) == "");
  CHECK(rig.rest(*rig.log.from_start(99)) == "");
  CHECK(rig.rest(*rig.log.from_end(99)) == "abcdefghijk");
}

TEST_CASE("a piece says which file it is from and where it ends there", "[task_log]") {
  LogsRig rig;
  rig.write(0, "abc");
  rig.write(1, "de");
  auto position = *rig.log.from_start(1);
  const auto first = *rig.log.read(position, 100);
  CHECK(first.bytes == "bc");
  CHECK(first.file == "alloc/logs/web.stdout.0");
  CHECK(first.offset == 3);
  CHECK(!first.end);
  const auto second = *rig.log.read(position, 100);
  CHECK(second.bytes == "de");
  CHECK(second.end);
}

TEST_CASE("what is written later is read later", "[task_log]") {
  LogsRig rig;
  rig.write(0, "a");
  auto position = *rig.log.from_end(0);
  CHECK(rig.log.read(position, 100)->bytes.empty());
  rig.write(0, "b");
  rig.write(1, "c");
  CHECK(rig.log.read(position, 100)->bytes == "b");
  CHECK(rig.log.read(position, 100)->bytes == "c");
}

TEST_CASE("a reader whose file was removed goes on with the oldest one left", "[task_log]") {
  LogsRig rig;
  rig.write(0, "abc");
  auto position = *rig.log.from_start(1);
  rig.write(7, "new");
  REQUIRE(::unlink((rig.dir.path() + "/alloc/logs/web.stdout.0").c_str()) == 0);
  CHECK(rig.log.read(position, 100)->bytes == "new");
}

TEST_CASE("a task without output has no log, and what only looks like one is not read", "[task_log]") {
  LogsRig rig;
  CHECK(rig.log.from_start(0).error().code == core::Errc::not_found);
  REQUIRE(::symlink("/etc/passwd", (rig.dir.path() + "/alloc/logs/web.stdout.0").c_str()) == 0);
  rig.write(1, "mine");
  std::ofstream(rig.dir.path() + "/alloc/logs/web.stdout.x") << "no";
  std::ofstream(rig.dir.path() + "/alloc/logs/web.stdout2.0") << "no";
  CHECK(rig.rest(*rig.log.from_start(0)) == "mine");
}
