// SPDX-License-Identifier: MPL-2.0
#include "agent/client/drivers/task_config.h"

#include <catch2/catch.hpp>

#include "agent/client/drivers/capabilities.h"
#include "agent/client/drivers/signals.h"
#include "agent/client/drivers/users.h"
#include "tests/unit/agent/client/rig.h"

using namespace test;
using Words = std::vector<std::string>;

TEST_CASE("lines are split as a shell would", "[driver]") {
  const auto [line, words] = GENERATE(table<std::string, Words>({
      {"", {}}, {"  a  b ", {"a", "b"}}, {R"('a b' "c d")", {"a b", "c d"}}, {R"(a\ b)", {"a b"}}, {R"("a\"b")", {"a\"b"}},
      {R"('a\b')", {"a\\b"}}, {R"(a""b '')", {"ab", ""}},
  }));
  CAPTURE(line);
  const auto split = split_shell_words(line);
  REQUIRE(split.ok());
  CHECK(*split == words);
}

TEST_CASE("a line that does not end is refused", "[driver]") {
  CHECK(!split_shell_words("'a").ok());
  CHECK(!split_shell_words("\"a").ok());
  CHECK(!split_shell_words("a\\").ok());
}

TEST_CASE("configuration reads numbers and booleans in either form", "[driver]") {
  Rig rig;
  rig.task.config = {{"n", {"7"}}, {"s", {"\"8\""}}, {"b", {"true"}}, {"t", {"\"1\""}}, {"d", {"\"2s\""}}, {"list", {"[1,true,\"x\"]"}}};
  const auto spec = rig.spec();
  const TaskConfig config(*spec.task, spec.env);
  CHECK(*config.number("n", 0) == 7);
  CHECK(*config.number("s", 0) == 8);
  CHECK(*config.number("missing", 9) == 9);
  CHECK(*config.text("n") == "7");
  CHECK(*config.boolean("b", false));
  CHECK(*config.boolean("t", false));
  CHECK(*config.duration("d", 0s) == 2s);
  CHECK(*config.words("list") == Words{"1", "true", "x"});
  CHECK(!config.number("b", 0).ok());
  CHECK(!config.boolean("n", false).ok());
  CHECK(!config.text("list").ok());
}

TEST_CASE("signals are known by name and number", "[driver]") {
  CHECK(signal_number("SIGINT") == 2);
  CHECK(signal_number("term") == 15);
  CHECK(signal_number("9") == 9);
  CHECK(!signal_number("SIGNOSUCH"));
  CHECK(!signal_number("0"));
  CHECK(!signal_number(""));
}

TEST_CASE("users are known by name and number", "[driver]") {
  REQUIRE(find_user("root").ok());
  CHECK(find_user("root")->uid == 0);
  CHECK(find_user("4000000")->gid == 4000000);
  CHECK(!find_user("no such user").ok());
}

TEST_CASE("capabilities are what is usual, less what is dropped, with what may be added", "[driver]") {
  const auto usual = *capability_set({}, {}, {});
  CHECK((usual >> 0 & 1) == 1);    // chown
  CHECK((usual >> 27 & 1) == 0);   // mknod
  CHECK((usual >> 21 & 1) == 0);   // sys_admin
  CHECK(*capability_set({}, {}, {"all"}) == 0);
  CHECK(*capability_set({}, {"CAP_CHOWN"}, {"all"}) == 1);
  const auto refused = capability_set({}, {"sys_admin", "net_raw"}, {});
  REQUIRE(!refused.ok());
  CHECK(refused.error().detail == "driver does not allow the following capabilities: net_raw, sys_admin");
  CHECK(capability_set({"all"}, {"sys_admin"}, {}).ok());
  CHECK(!capability_set({}, {"fly"}, {}).ok());
}
