// SPDX-License-Identifier: MPL-2.0
#include "agent/client/drivers/mock.h"

#include <catch2/catch.hpp>

#include <signal.h>

#include "tests/unit/agent/client/rig.h"

using namespace test;

namespace {

struct MockRig : Rig {
  Mock driver{t.loop, {.enabled = true}};
  void script(const std::string& json) { task.config = *core::from_json<std::map<std::string, core::json::Raw>>(json); }
};

}  // namespace

TEST_CASE("a mock task does what its script says", "[driver][mock]") {
  MockRig rig;
  rig.script(R"({"run_for":"1ms","exit_code":4,"exit_err_msg":"as planned","stdout_string":"hello\n"})");
  const auto task = rig.driver.start(rig.spec(), rig.tell());
  rig.await<cc::TaskStarted>();
  CHECK(rig.await<cc::TaskExited>().result == cc::ExitResult{4, 0, false, "as planned"});
  CHECK(rig.file("alloc/logs/main.stdout.0") == "hello\n");
}

TEST_CASE("a mock task fails to start as its script says", "[driver][mock]") {
  MockRig rig;
  rig.script(R"({"start_error":"no luck","start_error_recoverable":"true"})");
  const auto task = rig.driver.start(rig.spec(), rig.tell());
  const auto failed = rig.await<cc::TaskStartFailed>();
  CHECK(failed.error.detail == "no luck");
  CHECK(failed.recoverable);
}

TEST_CASE("a mock task runs until it is killed when its script has no end", "[driver][mock]") {
  MockRig rig;
  rig.script(R"({"kill_after":"10ms"})");
  const auto task = rig.driver.start(rig.spec(), rig.tell());
  rig.await<cc::TaskStarted>();
  SECTION("in time") {
    task->kill(SIGINT, 20ms);
    CHECK(rig.await<cc::TaskExited>().result.signal == SIGINT);
  }
  SECTION("by force") {
    task->kill(SIGINT, 1ms);
    CHECK(rig.await<cc::TaskExited>().result.signal == SIGKILL);
  }
}

TEST_CASE("a mock task goes on where an earlier agent left it", "[driver][mock][reattach]") {
  MockRig rig;
  rig.script(R"({"run_for":"30ms","exit_code":2})");
  auto task = rig.driver.start(rig.spec(), rig.tell());
  const auto handle = rig.await<cc::TaskStarted>().handle;
  task.reset();
  task = rig.driver.attach(rig.spec(), handle, rig.tell());
  rig.await<cc::TaskAttached>();
  CHECK(rig.await<cc::TaskExited>().result.exit_code == 2);
  task = rig.driver.attach(rig.spec(), {}, rig.tell());
  rig.await<cc::TaskNeverStarted>();
}
