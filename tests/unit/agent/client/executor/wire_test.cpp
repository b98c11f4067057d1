// SPDX-License-Identifier: MPL-2.0
#include "agent/client/executor/wire.h"

#include <catch2/catch.hpp>

using namespace agent::client;

namespace {

Launch full_launch() {
  Launch launch;
  launch.run = 3;
  launch.control_dir = "/state/tasks/a/main";
  launch.command = "sh";
  launch.args = {"-c", "true"};
  launch.env = {"A=b=c", "EMPTY="};
  launch.user = Identity{1, 2, {3, 4}};
  launch.isolation = Isolation{"/root", {{"/bin", "/bin", true}, {"/x", "/alloc", false}}, true, false, 0xff};
  launch.cgroup = "a.main";
  launch.limits = CgroupLimits{500, 1 << 20, 0};
  return launch;
}

}  // namespace

TEST_CASE("a launch survives the wire, whole or in pieces", "[executor]") {
  const auto bytes = encode(full_launch());
  core::Bytes buffer;
  std::optional<Message> got;
  for (const char c : bytes) {
    REQUIRE(!got);
    buffer += c;
    auto taken = take_message(buffer);
    REQUIRE(taken.ok());
    got = std::move(*taken);
  }
  REQUIRE(got);
  CHECK(encode(*got) == bytes);
  CHECK(buffer.empty());
}

TEST_CASE("no truncation of a message is taken for one", "[executor]") {
  const auto bytes = encode(full_launch());
  for (std::size_t size = 0; size + 4 < bytes.size(); ++size)
    REQUIRE(!decode_message(std::string_view(bytes).substr(4, size)).ok());
}

TEST_CASE("a length that is too large is refused before its bytes are there", "[executor]") {
  core::Bytes buffer("\xff\xff\xff\x7f", 4);
  CHECK(!take_message(buffer).ok());
}

TEST_CASE("the files left on disk read back", "[executor]") {
  const auto begun = parse_begun(begun_text({7, 1234, 99}, "boot-1"), "boot-1");
  REQUIRE(begun.ok());
  CHECK(begun->run == 7);
  CHECK(begun->pid == 1234);
  CHECK(begun->start_ticks == 99);
  CHECK(!parse_begun(begun_text({7, 1234, 99}, "boot-1"), "boot-2").ok());
  const auto ended = parse_ended(ended_text({7, 137, 9, true}));
  REQUIRE(ended.ok());
  CHECK(ended->exit_code == 137);
  CHECK(ended->signal == 9);
  CHECK(ended->oom_killed);
  CHECK(!parse_ended("run=7\nexit_code=").ok());
  CHECK(!parse_ended("").ok());
}
