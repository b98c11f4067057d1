// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include <signal.h>

#include "agent/client/drivers/processes.h"
#include "agent/client/executor/cgroup.h"
#include "agent/client/orphans.h"
#include "tests/unit/agent/client/rig.h"

using namespace test;

namespace {

struct RawRig : Rig {
  RawExec driver{t.loop, launcher, {.enabled = true}};
};

int pid_in(const core::json::Raw& handle) {
  const auto document = core::json::parse(handle.text);
  return static_cast<int>(*document->root().find("Pid").value.int64());
}

// The pid of a process that the task wrote into a file.
int pid_from(const Rig& rig, const std::string& name) { return std::atoi(rig.file(name).c_str()); }

int parent_of(int pid) {
  const auto stat = *posix::read_file("/proc/" + std::to_string(pid) + "/stat");
  int parent = 0;
  char state = 0;
  std::sscanf(stat.c_str() + stat.rfind(')') + 1, " %c %d", &state, &parent);
  return parent;
}

std::string cgroup_directory(const cc::TaskId& id) {
  const auto tree = find_cgroup_tree();
  return (tree.v2() ? tree.unified : tree.legacy.at("freezer")) + "/nomad/" + cgroup_name(id);
}

void wait_until(Rig& rig, const std::function<bool()>& condition) {
  std::unique_ptr<net::uv::Timer> poll;
  poll = std::make_unique<net::uv::Timer>(rig.t.loop, [&] {
    if (condition()) return rig.t.stop();
    poll->arm(rig.t.loop.now() + 5ms);
  });
  poll->arm(rig.t.loop.now());
  rig.t.run();
}

void wait_for_file(Rig& rig, const std::string& name) {
  wait_until(rig, [&] { return posix::exists(rig.dir / name); });
}

// What `echo $!` writes there. The shell makes the file before it writes.
int wait_for_pid(Rig& rig, const std::string& name) {
  wait_until(rig, [&] { return posix::exists(rig.dir / name) && rig.file(name).ends_with('\n'); });
  return pid_from(rig, name);
}

void wait_until_gone(Rig& rig, int pid) {
  wait_until(rig, [&] { return !alive(pid); });
}

}  // namespace

TEST_CASE("a task's exit code arrives", "[driver][raw_exec]") {
  RawRig rig;
  rig.shell("exit 3");
  const auto task = rig.driver.start(rig.spec(), rig.tell());
  CHECK(rig.told.empty());
  CHECK(rig.await<cc::TaskStarted>().run == 1);
  CHECK(rig.await<cc::TaskExited>().result == cc::ExitResult{3, 0, false, ""});
}

TEST_CASE("a task that dies of a signal says which", "[driver][raw_exec]") {
  RawRig rig;
  rig.shell("kill -SEGV $$");
  const auto task = rig.driver.start(rig.spec(), rig.tell());
  CHECK(rig.await<cc::TaskExited>().result == cc::ExitResult{139, 11, false, ""});
}

TEST_CASE("a task sees its arguments, environment and directory, and its output is kept", "[driver][raw_exec]") {
  RawRig rig;
  rig.task.env = {{"GREETING", "hi=there"}};
  rig.shell("echo $0 $GREETING $NOMAD_TASK_NAME; pwd; echo oops >&2");
  const auto task = rig.driver.start(rig.spec(), rig.tell());
  rig.await<cc::TaskExited>();
  CHECK(rig.file("alloc/logs/main.stdout.0") == "/bin/sh hi=there main\n" + rig.dir / "main" + "\n");
  CHECK(rig.file("alloc/logs/main.stderr.0") == "oops\n");
}

TEST_CASE("arguments may be one line as the first releases wrote them", "[driver][raw_exec]") {
  RawRig rig;
  rig.task.config = {{"command", {"\"echo\""}}, {"args", {R"("'one word' $NOMAD_TASK_NAME 3")"}}};
  const auto task = rig.driver.start(rig.spec(), rig.tell());
  rig.await<cc::TaskExited>();
  CHECK(rig.file("alloc/logs/main.stdout.0") == "one word main 3\n");
}

TEST_CASE("a task that cannot be started says why", "[driver][raw_exec]") {
  RawRig rig;
  const auto [config, why] = GENERATE(table<std::string, std::string>({
      {R"({})", "missing command for raw_exec driver"},
      {R"({"command":"/no/such/thing"})", "file /no/such/thing not found"},
      {R"({"command":"nosuchthing"})", "file nosuchthing not found under path /usr/bin:/bin"},
      {R"({"command":"/bin/true","argz":["a"]})", "failed to decode driver config: unknown option \"argz\""},
      {R"({"command":"/bin/true","args":{"a":1}})", "failed to decode driver config: \"args\" must be a list of texts"},
      {R"({"command":"/etc/passwd"})", "exec /etc/passwd: Permission denied"},
  }));
  CAPTURE(config);
  rig.task.config = *core::from_json<std::map<std::string, core::json::Raw>>(config);
  const auto task = rig.driver.start(rig.spec(), rig.tell());
  const auto failed = rig.await<cc::TaskStartFailed>();
  CHECK(failed.error.detail == why);
  CHECK(!failed.recoverable);
}

TEST_CASE("a disabled driver starts nothing", "[driver][raw_exec]") {
  RawRig rig;
  RawExec off(rig.t.loop, rig.launcher, {});
  rig.shell("true");
  const auto task = off.start(rig.spec(), rig.tell());
  CHECK(rig.await<cc::TaskStartFailed>().error.detail == "raw_exec is disabled");
  CHECK(!off.fingerprint().detected);
}

TEST_CASE("stopping sends the signal asked for", "[driver][raw_exec]") {
  RawRig rig;
  rig.shell("trap 'exit 7' USR1; touch ready; while :; do read x < /dev/null; done");
  const auto task = rig.driver.start(rig.spec(), rig.tell());
  rig.await<cc::TaskStarted>();
  wait_for_file(rig, "main/ready");
  task->kill(SIGUSR1, 20s);
  CHECK(rig.await<cc::TaskExited>().result.exit_code == 7);
}

TEST_CASE("a task that will not stop is killed when its grace is over", "[driver][raw_exec]") {
  RawRig rig;
  rig.shell("trap '' INT; touch ready; while :; do read x < /dev/null; done");
  const auto task = rig.driver.start(rig.spec(), rig.tell());
  rig.await<cc::TaskStarted>();
  wait_for_file(rig, "main/ready");
  task->kill(SIGINT, 50ms);
  CHECK(rig.await<cc::TaskExited>().result.signal == SIGKILL);
}

TEST_CASE("what a task leaves behind is killed with it, whatever session it fled to", "[driver][raw_exec]") {
  const bool no_cgroups = GENERATE(true, false);
  Rig rig;
  RawExec driver(rig.t.loop, rig.launcher, {.enabled = true, .no_cgroups = no_cgroups});
  rig.shell("setsid sh -c 'echo $$ > left; exec sleep 1000' & while [ ! -s left ]; do :; done; exit 0");
  const auto task = driver.start(rig.spec(), rig.tell());
  rig.await<cc::TaskExited>();
  const auto left = pid_from(rig, "main/left");
  REQUIRE(left > 0);
  CHECK(!alive(left));
}

TEST_CASE("a signal reaches the task", "[driver][raw_exec]") {
  RawRig rig;
  rig.shell("trap 'exit 9' HUP; touch ready; while :; do read x < /dev/null; done");
  const auto task = rig.driver.start(rig.spec(), rig.tell());
  rig.await<cc::TaskStarted>();
  wait_for_file(rig, "main/ready");
  REQUIRE(task->signal(SIGHUP).ok());
  CHECK(rig.await<cc::TaskExited>().result.exit_code == 9);
}

TEST_CASE("a task outlives its agent and is found again", "[driver][raw_exec][reattach]") {
  RawRig rig;
  rig.shell("while [ ! -e go ]; do sleep 0.01; done; exit 5");
  auto task = rig.driver.start(rig.spec(), rig.tell());
  const auto handle = rig.await<cc::TaskStarted>().handle;
  task.reset();  // the agent is gone, and with it the connection

  Launcher launcher(rig.t.loop, {}, core::Logger());
  RawExec second(rig.t.loop, launcher, {.enabled = true});
  auto adopted = second.attach(rig.spec(), handle, rig.tell());
  CHECK(rig.await<cc::TaskAttached>().handle.text == handle.text);

  SECTION("and watched to its end") {
    ::close(::open((rig.dir / "main/go").c_str(), O_CREAT | O_WRONLY, 0644));
    CHECK(rig.await<cc::TaskExited>().result.exit_code == 5);
  }
  SECTION("and stopped") {
    adopted->kill(SIGTERM, 20s);
    CHECK(rig.await<cc::TaskExited>().result.signal == SIGTERM);
    CHECK(!alive(pid_in(handle)));
  }
}

TEST_CASE("a task that ended while no agent was looking is found with its status", "[driver][raw_exec][reattach]") {
  RawRig rig;
  rig.shell("while [ ! -e go ]; do sleep 0.01; done; exit 6");
  auto task = rig.driver.start(rig.spec(), rig.tell());
  const auto handle = rig.await<cc::TaskStarted>().handle;
  task.reset();
  ::close(::open((rig.dir / "main/go").c_str(), O_CREAT | O_WRONLY, 0644));
  wait_for_file(rig, "control/exit");
  auto adopted = rig.driver.attach(rig.spec(), handle, rig.tell());
  CHECK(rig.await<cc::TaskExited>().result.exit_code == 6);
}

TEST_CASE("a start that the agent did not live to see is found without a handle", "[driver][raw_exec][reattach]") {
  RawRig rig;
  rig.shell("exec sleep 1000");
  auto task = rig.driver.start(rig.spec(), rig.tell());
  task.reset();  // before any answer
  auto adopted = rig.driver.attach(rig.spec(), {}, rig.tell());
  REQUIRE(rig.told.empty());
  rig.t.run();
  // Whether the supervisor had been told what to do before its agent went is open; what it did is not.
  if (const auto* attached = std::get_if<cc::TaskAttached>(&rig.told.front())) {
    CHECK(alive(pid_in(attached->handle)));
    rig.told.clear();
    adopted->kill(SIGKILL, 0s);
    rig.await<cc::TaskExited>();
  } else {
    CHECK(std::holds_alternative<cc::TaskNeverStarted>(rig.told.front()));
  }
}

TEST_CASE("a task that never began is told so", "[driver][raw_exec][reattach]") {
  RawRig rig;
  rig.shell("true");
  auto task = rig.driver.attach(rig.spec(), {}, rig.tell());
  rig.await<cc::TaskNeverStarted>();
}

TEST_CASE("the exit of an earlier run is not taken for this one's", "[driver][raw_exec][reattach]") {
  RawRig rig;
  rig.shell("exit 4");
  auto task = rig.driver.start(rig.spec(1), rig.tell());
  const auto handle = rig.await<cc::TaskStarted>().handle;
  rig.await<cc::TaskExited>();
  auto adopted = rig.driver.attach(rig.spec(2), handle, rig.tell());
  rig.await<cc::TaskLost>();
}

TEST_CASE("a task that nobody remembers is ended before another of its name is started", "[driver][raw_exec]") {
  RawRig rig;
  rig.shell("exec sleep 1000");
  auto task = rig.driver.start(rig.spec(1), rig.tell());
  const auto pid = pid_in(rig.await<cc::TaskStarted>().handle);
  task.reset();
  SECTION("by the start itself, which is to be tried again") {
    auto second = rig.driver.start(rig.spec(1), rig.tell());
    CHECK(rig.await<cc::TaskStartFailed>().recoverable);
    wait_until_gone(rig, pid);
    wait_for_file(rig, "control/exit");
  }
  SECTION("by an agent that starts") {
    const auto supervisor = parent_of(pid);
    REQUIRE(end_supervised(rig.dir / "control").ok());
    wait_until_gone(rig, pid);
    wait_until_gone(rig, supervisor);
    CHECK(!end_supervised(rig.dir / "control").ok());
  }
}

TEST_CASE("orphans are told from tasks by their allocation", "[driver][raw_exec]") {
  RawRig rig;
  rig.shell("exec sleep 1000");
  auto spec = rig.spec();
  spec.dirs.control = rig.dir / "tasks/known/main";
  auto task = rig.driver.start(std::move(spec), rig.tell());
  const auto pid = pid_in(rig.await<cc::TaskStarted>().handle);
  core::Logger log;
  end_orphans(rig.dir / "tasks", {core::AllocId{"known"}}, log);
  CHECK(alive(pid));
  end_orphans(rig.dir / "tasks", {core::AllocId{"other"}}, log);
  CHECK(rig.await<cc::TaskExited>().result.signal == SIGKILL);
}

TEST_CASE("what a forgotten task left is killed although its supervisor is gone", "[driver][raw_exec]") {
  if (!is_root()) {
    std::cout << "skipped: control groups need root\n";
    return;
  }
  RawRig rig;
  rig.shell("setsid sleep 1000 & echo $! > child; exec sleep 1000");
  auto spec = rig.spec();
  spec.dirs.control = rig.dir / ("tasks/" + rig.alloc_id + "/main");
  auto task = rig.driver.start(std::move(spec), rig.tell());
  const auto pid = pid_in(rig.await<cc::TaskStarted>().handle);
  const auto child = wait_for_pid(rig, "main/child");
  task.reset();
  const auto supervisor = parent_of(pid);
  const auto launcher = parent_of(supervisor);
  REQUIRE(supervisor > 1);
  REQUIRE(launcher > 1);
  REQUIRE(launcher != ::getpid());
  ::kill(launcher, SIGKILL);  // it would kill the child, as the agent's death would not
  wait_until_gone(rig, launcher);
  ::kill(supervisor, SIGKILL);
  wait_until_gone(rig, supervisor);
  wait_until_gone(rig, pid);
  CHECK(alive(child));
  core::Logger log;
  end_orphans(rig.dir / "tasks", {}, log);
  wait_until_gone(rig, child);
}

TEST_CASE("a task does not outlive its supervisor", "[driver][raw_exec]") {
  RawRig rig;
  rig.shell("sleep 1000 & echo $! > child; exec sleep 1000");
  auto task = rig.driver.start(rig.spec(), rig.tell());
  const auto pid = pid_in(rig.await<cc::TaskStarted>().handle);
  const auto child = wait_for_pid(rig, "main/child");
  const auto supervisor = parent_of(pid);
  REQUIRE(supervisor > 1);

  SECTION("and the agent that watches says so") {
    ::kill(supervisor, SIGKILL);
    const auto exited = rig.await<cc::TaskExited>();
    CHECK(exited.result.signal == SIGKILL);
    CHECK(!exited.result.successful());
    CHECK(!alive(pid));  // by now, and what it had started, and its control group
    if (is_root()) CHECK(!alive(child));
    if (is_root()) CHECK(!posix::exists(cgroup_directory(rig.spec().id)));
  }
  SECTION("and an agent that comes later finds it lost") {
    task.reset();
    ::kill(supervisor, SIGKILL);
    wait_until_gone(rig, supervisor);
    auto adopted = rig.driver.attach(rig.spec(), {"{}"}, rig.tell());
    rig.await<cc::TaskLost>();
    CHECK(!alive(pid));
    if (is_root()) CHECK(!alive(child));
  }
}

TEST_CASE("what a killed supervisor leaves is found without control groups too", "[driver][raw_exec]") {
  Rig rig;
  RawExec driver(rig.t.loop, rig.launcher, {.enabled = true, .no_cgroups = true});
  rig.shell("setsid sleep 1000 & echo $! > child; exec sleep 1000");
  auto task = driver.start(rig.spec(), rig.tell());
  const auto pid = pid_in(rig.await<cc::TaskStarted>().handle);
  const auto child = wait_for_pid(rig, "main/child");
  REQUIRE(alive(child));
  ::kill(parent_of(pid), SIGKILL);
  rig.await<cc::TaskExited>();
  wait_until_gone(rig, child);
}

TEST_CASE("an executor that was killed is started again, and its supervisors do not mind", "[driver][raw_exec]") {
  RawRig rig;
  rig.shell("while [ ! -e go ]; do sleep 0.01; done; exit 5");
  auto task = rig.driver.start(rig.spec(), rig.tell());
  const auto pid = pid_in(rig.await<cc::TaskStarted>().handle);
  const auto executor = parent_of(parent_of(pid));  // the supervisor's parent
  REQUIRE(executor > 1);
  REQUIRE(executor != ::getpid());
  ::kill(executor, SIGKILL);
  wait_until_gone(rig, executor);
  Rig other;
  other.alloc_id += "-other";
  RawExec again(rig.t.loop, rig.launcher, {.enabled = true});
  other.shell("exit 0");
  auto second = again.start(other.spec(), rig.tell());
  CHECK(rig.await<cc::TaskExited>().result.exit_code == 0);
  ::close(::open((rig.dir / "main/go").c_str(), O_CREAT | O_WRONLY, 0644));
  CHECK(rig.await<cc::TaskExited>().result.exit_code == 5);
}

TEST_CASE("a hundred megabytes of output stay within the files they may fill", "[driver][raw_exec][logs]") {
  RawRig rig;
  rig.task.log_config = core::model::LogConfig{3, 2};
  rig.shell("yes 'a line of output that is of some length' | head -c 100000000");
  auto task = rig.driver.start(rig.spec(), rig.tell());
  rig.await<cc::TaskExited>();
  std::uint64_t total = 0;
  const auto files = posix::list(rig.dir / "alloc/logs");
  for (const auto& name : files) {
    struct stat info {};
    REQUIRE(::stat((rig.dir / "alloc/logs/" + name).c_str(), &info) == 0);
    CHECK(info.st_size <= 2 << 20);
    total += static_cast<std::uint64_t>(info.st_size);
  }
  CHECK(files.size() == 4);  // three of stdout, an empty one of stderr
  CHECK(total > 4 << 20);
  const auto newest = rig.file("alloc/logs/" + files[files.size() - 1]);
  const auto first_line = newest.substr(0, newest.find('\n'));
  CHECK(first_line == "a line of output that is of some length");  // files begin at a line
}

TEST_CASE("a running task's use can be read", "[driver][raw_exec]") {
  RawRig rig;
  rig.shell("exec sleep 1000");
  auto task = rig.driver.start(rig.spec(), rig.tell());
  const auto pid = pid_in(rig.await<cc::TaskStarted>().handle);
  const auto use = task->use();
  REQUIRE(use.ok());
  CHECK(use->pids.contains(pid));
  task->kill(SIGKILL, 0s);
  rig.await<cc::TaskExited>();
  CHECK(!task->use().ok());
}

TEST_CASE("a task may run as another user", "[driver][raw_exec]") {
  if (!is_root()) {
    std::cout << "skipped: running a task as another user needs root\n";
    return;
  }
  RawRig rig;
  rig.task.user = "nobody";
  rig.shell("id -un; touch local/mine");
  auto task = rig.driver.start(rig.spec(), rig.tell());
  CHECK(rig.await<cc::TaskExited>().result.exit_code == 0);
  CHECK(rig.file("alloc/logs/main.stdout.0") == "nobody\n");
}
