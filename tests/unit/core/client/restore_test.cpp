// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "tests/unit/core/client/node.h"

using namespace test;
using core::model::TaskStatus;

namespace {

// What an agent left behind that died while its task was running.
Restored left_behind(Spec spec = {}) {
  Node node;
  node.join();
  node.assign({place(spec)}, 20);
  node.start();
  return node.disk;
}

AttachTask attached_to(Node& node) {
  node.feed(Woke{});
  node.feed(AllocPrepared{{"a1"}, core::ok_status()});
  auto attach = node.take<AttachTask>();
  REQUIRE(attach);
  CHECK(!node.take<StartTask>());
  return *attach;
}

}  // namespace

TEST_CASE("a running task is adopted, not started again, and its story goes on", "[client]") {
  Node node(left_behind());
  const auto attach = attached_to(node);
  CHECK(attach.handle.text == R"({"Pid":1})");
  node.feed(TaskAttached{attach.task, attach.run, attach.handle});
  CHECK(node.state().state == TaskStatus::running);
  CHECK(node.events() == std::vector<std::string>{"Received", "Task Setup", "Started"});
  node.run(1h);
  CHECK(!node.take<StartTask>());
  CHECK(!node.take<KillTask>());
}

TEST_CASE("a task that ended while no agent was looking ends with its recorded status", "[client]") {
  Spec spec;
  spec.job.type = "batch";
  Node node(left_behind(spec));
  const auto attach = attached_to(node);
  node.feed(TaskExited{attach.task, attach.run, ExitResult{0, 0, false, ""}});
  CHECK(node.state().state == TaskStatus::dead);
  CHECK(!node.state().failed);
  CHECK(node.last_text() == "Exit Code: 0");
}

TEST_CASE("a start that an agent did not live to see is looked for, and done if it never was", "[client]") {
  Node first;
  first.join();
  first.assign({place(Spec{})}, 20);
  first.feed(AllocPrepared{{"a1"}, core::ok_status()});
  REQUIRE(first.take<StartTask>());
  Node node(first.disk);
  const auto attach = attached_to(node);
  CHECK(attach.handle.text.empty());

  SECTION("it runs") {
    node.feed(TaskAttached{attach.task, attach.run, {R"({"Pid":2})"}});
    CHECK(node.state().state == TaskStatus::running);
    CHECK(node.events().back() == "Started");
  }
  SECTION("it never ran") {
    node.feed(TaskNeverStarted{attach.task, attach.run});
    CHECK(node.take<StartTask>()->run == attach.run + 1);
  }
}

TEST_CASE("a first start is on record before there are directories, and then waits for nothing", "[client]") {
  Node node;
  node.join();
  node.assign({place(Spec{})}, 20);
  CHECK(node.disk.allocs[0].tasks.at("main").phase == Phase::starting);
  const auto out = node.client.step(AllocPrepared{{"a1"}, core::ok_status()}, node.now);
  CHECK(out.save.records.empty());
  REQUIRE(out.save.then.size() == 1);
  CHECK(std::get<StartTask>(out.save.then[0]).run == node.disk.allocs[0].tasks.at("main").run);
}

TEST_CASE("a lost task is not started again before a server was heard", "[client]") {
  Node node(left_behind());
  const auto attach = attached_to(node);
  node.feed(TaskLost{attach.task, attach.run, {core::Errc::not_found, "no such process"}});
  node.run(1h);
  CHECK(!node.take<StartTask>());
  CHECK(node.last_text() == "failed to restore task; will not run until server is contacted");
  node.join();

  SECTION("the servers still want it") {
    node.feed(Assigned{Index{21}, {{AllocId{"a1"}, Index{10}}}});
    CHECK(node.take<StartTask>());
  }
  SECTION("the servers have had it run elsewhere") {
    node.feed(Assigned{Index{21}, {}});
    CHECK(!node.take<StartTask>());
    CHECK(node.take<RemoveAlloc>());
  }
}

TEST_CASE("an allocation that was being stopped goes on being stopped", "[client]") {
  Node first;
  first.join();
  first.assign({place(Spec{})}, 20);
  first.start();
  auto stop = place(Spec{}, "a1", 30);
  stop->desired_status = core::model::DesiredStatus::stop;
  first.assign({stop}, 30);
  REQUIRE(first.take<KillTask>());
  Node node(first.disk);
  const auto attach = attached_to(node);
  node.feed(TaskAttached{attach.task, attach.run, attach.handle});
  CHECK(node.take<KillTask>());
}

TEST_CASE("restarts counted before count after", "[client]") {
  Node first;
  first.join();
  first.assign({place(Spec{})}, 20);
  first.start();
  for (int i = 0; i < 2; ++i) {
    first.exit(1);
    first.run(20s);
    first.start();
  }
  Node node(first.disk);
  node.now = first.now;
  const auto attach = attached_to(node);
  node.feed(TaskAttached{attach.task, attach.run, attach.handle});
  node.exit(1);
  CHECK(node.state().failed);
}

TEST_CASE("dead allocations stay dead", "[client]") {
  Spec spec;
  spec.job.type = "batch";
  Node first;
  first.join();
  first.assign({place(spec)}, 20);
  first.start();
  first.exit(0);
  Node node(first.disk);
  node.join();
  node.run(10s);
  CHECK(!node.take<PrepareAlloc>());
  CHECK(!node.take<StartTask>());
  CHECK(node.client.alloc({"a1"})->done());
}

TEST_CASE("a task record survives JSON", "[client]") {
  const auto record = left_behind().allocs[0].tasks.at("main");
  const auto back = core::from_json<TaskRecord>(core::to_json(record));
  REQUIRE(back.ok());
  CHECK(core::to_json(*back) == core::to_json(record));
}
