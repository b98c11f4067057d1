// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "tests/unit/core/client/node.h"

using namespace test;
using core::model::ClientStatus;
using core::model::TaskStatus;
using Types = std::vector<std::string>;

namespace {

Node running(const Spec& spec = {}) {
  Node node;
  node.join();
  node.assign({place(spec)}, 20);
  node.start();
  return node;
}

core::model::AllocPtr stopped(const Spec& spec = {}) {
  auto alloc = place(spec, "a1", 30);
  alloc->desired_status = core::model::DesiredStatus::stop;
  return alloc;
}

}  // namespace

TEST_CASE("a service task that exits is started again after its delay", "[client]") {
  auto node = running();
  node.exit(1);
  CHECK(node.state().state == TaskStatus::pending);
  CHECK(node.state().restarts == 1);
  node.run(15s - 1ns);
  CHECK(!node.take<StartTask>());
  node.run(15s / 4);
  CHECK(node.take<StartTask>());
  CHECK(node.events() == Types{"Received", "Task Setup", "Started", "Terminated", "Restarting"});
}

TEST_CASE("a task out of attempts fails and so does its allocation", "[client]") {
  auto node = running();
  for (int i = 0; i < 3; ++i) {
    node.exit(3);
    node.run(20s);
    node.start();
  }
  CHECK(node.state().failed);
  CHECK(node.state().finished_at.at.set());
  CHECK(node.last_text() == "Exceeded allowed attempts 2 in interval 30m0s and mode is \"fail\"");
  const auto report = node.client.alloc({"a1"})->report();
  CHECK(report.client_status == ClientStatus::failed);
  CHECK(report.client_description == "Failed tasks");
}

TEST_CASE("a batch task that succeeds is complete and does not run again", "[client]") {
  Spec spec;
  spec.job.type = "batch";
  auto node = running(spec);
  node.exit(0);
  CHECK(!node.state().failed);
  const auto report = node.client.alloc({"a1"})->report();
  CHECK(report.client_status == ClientStatus::complete);
  CHECK(report.client_description == "All tasks have completed");
  CHECK(node.last_text() == "Exit Code: 0");
}

TEST_CASE("a stopped task gets its signal and its time, and is dead but not failed", "[client]") {
  Spec spec;
  spec.task().kill_signal = "SIGUSR1";
  spec.task().kill_timeout = 12s;
  auto node = running(spec);
  node.assign({stopped(spec)}, 30);
  const auto kill = node.take<KillTask>();
  REQUIRE(kill);
  CHECK(kill->signal == "SIGUSR1");
  CHECK(kill->timeout == 12s);
  CHECK(node.last_text() == "Sent interrupt. Waiting 12s before force killing");
  node.feed(TaskExited{kill->task, kill->run, ExitResult{130, 2, false, ""}});
  CHECK(node.state().state == TaskStatus::dead);
  CHECK(!node.state().failed);
  CHECK(node.events() == Types{"Received", "Task Setup", "Started", "Killing", "Terminated", "Killed"});
  CHECK(!node.take<StartTask>());
}

TEST_CASE("no task is given more time to stop than the node allows", "[client]") {
  Spec spec;
  spec.task().kill_timeout = 10min;
  auto node = running(spec);
  node.assign({stopped(spec)}, 30);
  CHECK(node.take<KillTask>()->timeout == 30s);
}

TEST_CASE("a task's shutdown delay passes between the wish and the signal", "[client]") {
  Spec spec;
  spec.task().shutdown_delay = 7s;
  auto node = running(spec);
  node.assign({stopped(spec)}, 30);
  node.run(7s - 1ns);
  CHECK(!node.take<KillTask>());

  SECTION("then the signal is sent") {
    node.run(1ns);
    CHECK(node.take<KillTask>());
  }
  SECTION("a task that ends by itself meanwhile is not waited for") {
    node.exit(0);
    node.run(1min);
    CHECK(!node.take<KillTask>());
    CHECK(node.client.alloc({"a1"})->done());
  }
}

TEST_CASE("a task asked to stop while it is being started is stopped once it runs", "[client]") {
  Node node;
  node.join();
  node.assign({place(Spec{})}, 20);
  node.feed(AllocPrepared{{"a1"}, core::ok_status()});
  const auto start = node.take<StartTask>();
  REQUIRE(start);
  node.assign({stopped()}, 30);
  CHECK(!node.take<KillTask>());
  node.feed(TaskStarted{start->task, start->run, {"{}"}});
  CHECK(node.take<KillTask>());
}

TEST_CASE("a task asked to stop while its directories are being made is never started", "[client]") {
  Node node;
  node.join();
  node.assign({place(Spec{})}, 20);
  node.assign({stopped()}, 30);
  node.feed(AllocPrepared{{"a1"}, core::ok_status()});
  CHECK(!node.take<StartTask>());
  CHECK(node.client.alloc({"a1"})->done());
  CHECK(!node.state().failed);
}

TEST_CASE("a task waiting to be restarted dies at once when it is to stop", "[client]") {
  auto node = running();
  node.exit(1);
  node.assign({stopped()}, 30);
  CHECK(node.client.alloc({"a1"})->done());
  CHECK(!node.state().failed);
  node.run(1h);
  CHECK(!node.take<StartTask>());
}

TEST_CASE("a start that failed is tried again only if that may help", "[client]") {
  Node node;
  node.join();
  node.assign({place(Spec{})}, 20);
  node.feed(AllocPrepared{{"a1"}, core::ok_status()});
  const auto start = node.take<StartTask>();
  REQUIRE(start);
  const core::Error error{core::Errc::invalid, "missing command for raw_exec driver"};

  SECTION("it may") {
    node.feed(TaskStartFailed{start->task, start->run, error, false, true});
    node.run(20s);
    CHECK(node.take<StartTask>()->run == start->run + 1);
  }
  SECTION("it may not") {
    node.feed(TaskStartFailed{start->task, start->run, error, false, false});
    CHECK(node.events() == Types{"Received", "Task Setup", "Driver Failure", "Not Restarting"});
    CHECK(node.last_text() == "Error was unrecoverable");
    CHECK(node.state().failed);
  }
  SECTION("the job is at fault") {
    node.feed(TaskStartFailed{start->task, start->run, error, true, false});
    CHECK(node.state().events[2].type == "Failed Validation");
    CHECK(node.state().events[2].display_message == error.detail);
  }
}

TEST_CASE("answers that belong to an earlier run are ignored", "[client]") {
  auto node = running();
  node.exit(1);
  node.run(20s);
  node.start();
  node.feed(TaskExited{{{"a1"}, "main"}, 1, ExitResult{9, 0, false, ""}});
  CHECK(node.state().state == TaskStatus::running);
}

TEST_CASE("people restart a task outside its policy, and signal it", "[client]") {
  auto node = running();
  node.feed(SignalAsked{{"a1"}, "main", "SIGHUP"});
  CHECK(node.take<SignalTask>()->signal == "SIGHUP");
  node.feed(RestartAsked{{"a1"}, ""});
  REQUIRE(node.take<KillTask>());
  node.exit(143);
  const auto start = node.take<StartTask>();
  REQUIRE(start);
  CHECK(start->run == 2);
  CHECK(node.client.alloc({"a1"})->task("main")->record().attempts == 0);
}

TEST_CASE("an allocation whose directories cannot be made fails all its tasks", "[client]") {
  Node node;
  node.join();
  node.assign({place(Spec{})}, 20);
  node.feed(AllocPrepared{{"a1"}, core::Error{core::Errc::no_space, "mkdir: no space left on device"}});
  CHECK(node.state().failed);
  CHECK(node.last_text() == "failed to setup alloc: mkdir: no space left on device");
  CHECK(!node.take<StartTask>());
}

TEST_CASE("only the newest ten events are kept", "[client]") {
  Spec spec;
  spec.group().restart_policy = policy(100, 1h, 1s, "delay");
  auto node = running(spec);
  for (int i = 0; i < 10; ++i) {
    node.exit(1);
    node.run(2s);
    node.start();
  }
  CHECK(node.state().events.size() == 10);
  CHECK(node.events().back() == "Started");
}
