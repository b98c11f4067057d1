// SPDX-License-Identifier: MPL-2.0
#include "agent/client/executor/rotating_log.h"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/temp_dir.h"

using namespace agent::client;

namespace {

struct LogRig {
  test::TempDir dir;
  posix::Descriptor read{-1}, write{-1};
  LogRig() {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
    read = posix::Descriptor(ends[0]);
    write = posix::Descriptor(ends[1]);
  }
  RotatingLog log(std::uint64_t file_bytes, std::uint32_t files) {
    auto directory = posix::open_directory(dir.path());
    REQUIRE(directory.ok());
    return RotatingLog(std::move(*directory), "web.stdout", {file_bytes, files});
  }
  void put(RotatingLog& to, const std::string& text) {
    REQUIRE(::write(write.number(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    CHECK(to.drain(read.number()) == RotatingLog::State::open);
  }
  std::string file(int n) const {
    const auto text = posix::read_file(dir / ("web.stdout." + std::to_string(n)));
    return text.ok() ? *text : "(none)";
  }
};

}  // namespace

TEST_CASE("a full log is followed by the next, and lines are not torn apart", "[executor][logs]") {
  LogRig rig;
  auto log = rig.log(10, 5);
  rig.put(log, "12345\n789\nabcdefg\n");
  CHECK(rig.file(0) == "12345\n789\n");
  CHECK(rig.file(1) == "abcdefg\n");
}

TEST_CASE("a line longer than a file is cut", "[executor][logs]") {
  LogRig rig;
  auto log = rig.log(4, 5);
  rig.put(log, "abcdefghij");
  CHECK(rig.file(0) + rig.file(1) + rig.file(2) == "abcdefghij");
}

TEST_CASE("the oldest logs are removed", "[executor][logs]") {
  LogRig rig;
  auto log = rig.log(2, 2);
  for (const char* line : {"a\n", "b\n", "c\n", "d\n"}) rig.put(log, line);
  CHECK(rig.file(0) == "(none)");
  CHECK(rig.file(1) == "(none)");
  CHECK(rig.file(2) == "c\n");
  CHECK(rig.file(3) == "d\n");
}

TEST_CASE("a log goes on where an earlier run stopped", "[executor][logs]") {
  LogRig rig;
  {
    auto log = rig.log(10, 5);
    rig.put(log, "one\n");
  }
  auto log = rig.log(10, 5);
  rig.put(log, "two\n");
  CHECK(rig.file(0) == "one\ntwo\n");
  CHECK(rig.file(1) == "(none)");
}

TEST_CASE("the end of the pipe is noticed after its last byte", "[executor][logs]") {
  LogRig rig;
  auto log = rig.log(1 << 20, 5);
  REQUIRE(::write(rig.write.number(), "bye", 3) == 3);
  rig.write = posix::Descriptor(-1);
  CHECK(log.drain(rig.read.number()) == RotatingLog::State::ended);
  CHECK(rig.file(0) == "bye");
}

TEST_CASE("what a task puts in a log's place is not written to", "[executor][logs]") {
  LogRig rig;
  const auto victim = rig.dir / "victim";
  ::close(::open(victim.c_str(), O_CREAT | O_WRONLY, 0644));
  const auto first = rig.dir / "web.stdout.0";
  const auto how = GENERATE(0, 1, 2, 3);
  if (how == 0) REQUIRE(::symlink(victim.c_str(), first.c_str()) == 0);
  if (how == 1) REQUIRE(::link(victim.c_str(), first.c_str()) == 0);
  if (how == 2) REQUIRE(::mkfifo(first.c_str(), 0666) == 0);
  if (how == 3) REQUIRE(::mkdir(first.c_str(), 0777) == 0);
  auto log = rig.log(1 << 20, 5);
  rig.put(log, "secret\n");
  CHECK(*posix::read_file(victim) == "");
  CHECK(rig.file(1) == "secret\n");
}
