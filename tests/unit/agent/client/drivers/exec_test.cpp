// SPDX-License-Identifier: MPL-2.0
#include "agent/client/drivers/exec.h"

#include <catch2/catch.hpp>

#include <signal.h>

#include "agent/client/executor/cgroup.h"
#include "tests/unit/agent/client/rig.h"

using namespace test;

namespace {

struct ExecRig : Rig {
  Exec driver{t.loop, launcher, {}};
  ExecRig() {
    own_root = true;
    task.resources->cpu = 100;
    task.resources->memory_mb = 64;
  }
  bool works() {
    const auto info = driver.fingerprint();
    if (!info.detected) std::cout << "skipped: the exec driver is not available here: " << info.health_description << "\n";
    return info.detected;
  }
  std::string out() const { return file("alloc/logs/main.stdout.0"); }
};

}  // namespace

TEST_CASE("an isolated task runs as nobody in a root of its own", "[driver][exec]") {
  ExecRig rig;
  if (!rig.works()) return;
  rig.shell("id -un; pwd; ls -d /alloc/logs /local /secrets /dev/null /proc/self/stat; ls / | grep -c root; echo $NOMAD_TASK_DIR; exit 3");
  const auto task = rig.driver.start(rig.spec(), rig.tell());
  CHECK(rig.await<cc::TaskExited>().result == cc::ExitResult{3, 0, false, ""});
  CHECK(rig.out() == "nobody\n/\n/alloc/logs\n/dev/null\n/local\n/proc/self/stat\n/secrets\n0\n/local\n");
  CHECK(rig.file("alloc/logs/main.stderr.0") == "");
}

TEST_CASE("an isolated task sees its own processes and none of the host's", "[driver][exec]") {
  ExecRig rig;
  if (!rig.works()) return;
  rig.shell("echo /proc/[0-9]* | wc -w");
  const auto task = rig.driver.start(rig.spec(), rig.tell());
  rig.await<cc::TaskExited>();
  CHECK(std::atoi(rig.out().c_str()) <= 4);
}

TEST_CASE("an isolated task cannot write to what it shares with the host", "[driver][exec]") {
  ExecRig rig;
  if (!rig.works()) return;
  Exec lax(rig.t.loop, rig.launcher, {.denied_users = {}});
  rig.task.user = "root";
  rig.shell("for f in /usr/x /etc/x /bin/x /proc/sysrq-trigger /proc/sys/kernel/hostname; do (echo x > $f) 2>/dev/null && echo wrote $f; done; "
            "mknod /local/disk b 8 0 2>/dev/null && echo made a disk; mount -o remount,rw /usr 2>/dev/null && echo remounted; "
            "echo fine > /local/file && echo fine > /alloc/file && echo done");
  const auto task = lax.start(rig.spec(), rig.tell());
  rig.await<cc::TaskExited>();
  CHECK(rig.out() == "done\n");
  CHECK(rig.file("alloc/file") == "fine\n");
}

TEST_CASE("signals reach an isolated task that does not handle them", "[driver][exec]") {
  ExecRig rig;
  if (!rig.works()) return;
  rig.shell("exec sleep 1000");
  const auto task = rig.driver.start(rig.spec(), rig.tell());
  rig.await<cc::TaskStarted>();
  task->kill(SIGINT, 20s);
  CHECK(rig.await<cc::TaskExited>().result == cc::ExitResult{130, 2, false, ""});
}

TEST_CASE("nothing of an isolated task is left when it ends", "[driver][exec]") {
  ExecRig rig;
  if (!rig.works()) return;
  rig.shell("setsid sleep 1234567 & exit 0");
  const auto task = rig.driver.start(rig.spec(), rig.tell());
  rig.await<cc::TaskExited>();
  for (const auto& pid : posix::list("/proc")) {
    const auto line = posix::read_file("/proc/" + pid + "/cmdline");
    if (line.ok()) CHECK(line->find("1234567") == std::string::npos);
  }
  const auto mounts = *posix::read_file("/proc/self/mountinfo");
  CHECK(mounts.find(rig.dir.path()) == std::string::npos);
}

TEST_CASE("a task that takes more memory than it asked for is killed and says so", "[driver][exec]") {
  ExecRig rig;
  if (!rig.works()) return;
  rig.task.resources->memory_mb = 16;
  rig.shell("exec awk 'BEGIN { x = \"a\"; while (1) x = x x }'");
  const auto task = rig.driver.start(rig.spec(), rig.tell());
  const auto exited = rig.await<cc::TaskExited>();
  CHECK(exited.result.oom_killed);
  CHECK(exited.result.signal == SIGKILL);
}

TEST_CASE("links in a task's directory do not lead its next run's root out of it", "[driver][exec]") {
  ExecRig rig;
  if (!rig.works()) return;
  TempDir elsewhere;
  REQUIRE(::symlink(elsewhere.path().c_str(), (rig.dir / "main/dev").c_str()) == 0);
  rig.shell("true");
  const auto task = rig.driver.start(rig.spec(), rig.tell());
  CHECK(!rig.await<cc::TaskStartFailed>().error.detail.empty());
  CHECK(posix::list(elsewhere.path()).empty());
}

TEST_CASE("a chosen chroot is all that an isolated task sees", "[driver][exec]") {
  ExecRig rig;
  if (!rig.works()) return;
  Exec small(rig.t.loop, rig.launcher, {.chroot_env = {{"/bin", "/bin"}, {"/lib", "/lib"}, {"/lib64", "/lib64"}, {"/usr", "/usr"}, {"/no/such", "/x"}}});
  rig.task.user = "65534";
  rig.shell("ls -d /etc /x 2>/dev/null; echo end");
  const auto task = small.start(rig.spec(), rig.tell());
  rig.await<cc::TaskExited>();
  CHECK(rig.out() == "end\n");
}

TEST_CASE("an isolated task is found again after its agent's restart", "[driver][exec][reattach]") {
  ExecRig rig;
  if (!rig.works()) return;
  rig.shell("exec sleep 1000");
  auto task = rig.driver.start(rig.spec(), rig.tell());
  const auto handle = rig.await<cc::TaskStarted>().handle;
  CHECK(task->use()->by_cgroup);
  CHECK(task->use()->memory_bytes > 0);
  task.reset();
  auto adopted = rig.driver.attach(rig.spec(), handle, rig.tell());
  rig.await<cc::TaskAttached>();
  adopted->kill(SIGTERM, 20s);
  CHECK(rig.await<cc::TaskExited>().result.signal == SIGTERM);
}

TEST_CASE("what exec refuses, it refuses with a reason", "[driver][exec]") {
  ExecRig rig;
  if (!rig.works()) return;
  const auto [user, config, why] = GENERATE(table<std::string, std::string, std::string>({
      {"root", R"({"command":"/bin/true"})", "running as user \"root\" is disallowed"},
      {"no-such-user", R"({"command":"/bin/true"})", "unknown user \"no-such-user\""},
      {"", R"({})", "missing command for exec driver"},
      {"", R"({"command":"/bin/true","pid_mode":"mine"})", "pid_mode must be \"private\" or \"host\", got \"mine\""},
      {"", R"({"command":"/bin/true","cap_add":["sys_admin"]})", "driver does not allow the following capabilities: sys_admin"},
      {"", R"({"command":"nosuchthing"})", "file nosuchthing not found under path /usr/local/bin:/usr/bin:/bin"},
  }));
  CAPTURE(user, config);
  rig.task.user = user;
  rig.task.config = *core::from_json<std::map<std::string, core::json::Raw>>(config);
  const auto task = rig.driver.start(rig.spec(), rig.tell());
  CHECK(rig.await<cc::TaskStartFailed>().error.detail == why);
}
