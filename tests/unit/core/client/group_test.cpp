// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "tests/unit/core/client/node.h"

using namespace test;

namespace {

core::model::Task hook(const std::string& name, const std::string& when, bool sidecar = false) {
  auto task = make_task(name);
  task.lifecycle = core::model::Lifecycle{when, sidecar};
  return task;
}

std::vector<std::string> started(Node& node) {
  std::vector<std::string> names;
  for (const auto& order : node.take_all<StartTask>()) {
    names.push_back(order.task.task);
    node.feed(TaskStarted{order.task, order.run, {}});
  }
  return names;
}

std::vector<std::string> killed(Node& node) {
  std::vector<std::string> names;
  for (const auto& order : node.take_all<KillTask>()) names.push_back(order.task.task);
  return names;
}

Node placed(Spec spec) {
  Node node;
  node.join();
  node.assign({place(spec)}, 20);
  node.feed(AllocPrepared{{"a1"}, core::ok_status()});
  return node;
}

core::model::AllocPtr stopped(const Spec& spec) {
  auto alloc = place(spec, "a1", 30);
  alloc->desired_status = core::model::DesiredStatus::stop;
  return alloc;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a failed task takes its siblings with it", "[client]") {
  Spec spec;
  spec.group().tasks = {make_task("a"), make_task("b")};
  spec.group().restart_policy = policy(0, 1min, 1s, "fail");
  auto node = placed(spec);
  REQUIRE(started(node) == Names{"a", "b"});
  node.exit(1, "a");
  CHECK(killed(node) == Names{"b"});
  const auto events = node.events("b");
  CHECK(std::find(events.begin(), events.end(), "Sibling Task Failed") != events.end());
  node.exit(130, "b");
  CHECK(node.client.alloc({"a1"})->done());
  CHECK(!node.state("b").failed);
}

TEST_CASE("the end of the leader ends the group", "[client]") {
  Spec spec;
  spec.job.type = "batch";
  spec.group().tasks = {make_task("a"), make_task("lead")};
  spec.task(1).leader = true;
  auto node = placed(spec);
  started(node);
  node.exit(0, "lead");
  CHECK(killed(node) == Names{"a"});
  CHECK(node.last_text("a") == "Sent interrupt. Waiting 5s before force killing");
}

TEST_CASE("a group that is stopped loses its leader first", "[client]") {
  Spec spec;
  spec.group().tasks = {make_task("a"), make_task("lead"), make_task("z")};
  spec.task(1).leader = true;
  auto node = placed(spec);
  started(node);
  node.assign({stopped(spec)}, 30);
  CHECK(killed(node) == Names{"lead"});
  node.exit(130, "lead");
  CHECK(killed(node) == Names{"a", "z"});
}

TEST_CASE("a group's shutdown delay passes before any of its tasks is asked to stop", "[client]") {
  Spec spec;
  spec.group().shutdown_delay = 20s;
  auto node = placed(spec);
  started(node);
  node.assign({stopped(spec)}, 30);
  node.run(20s - 1ns);
  CHECK(killed(node).empty());
  node.run(1ns);
  CHECK(killed(node) == Names{"main"});
}

TEST_CASE("lifecycle tasks start in their order", "[client]") {
  Spec spec;
  spec.group().tasks = {hook("after", "poststart"), hook("clean", "poststop"), hook("init", "prestart"), make_task("main"),
                        hook("proxy", "prestart", true)};
  auto node = placed(spec);
  REQUIRE(started(node) == Names{"init", "proxy"});
  node.exit(0, "init");
  REQUIRE(started(node) == Names{"main"});
  REQUIRE(started(node) == Names{"after"});
  node.exit(0, "after");
  CHECK(started(node).empty());

  SECTION("cleaning up comes last, when the allocation is stopped") {
    node.assign({stopped(spec)}, 30);
    CHECK(killed(node) == Names{"main", "proxy"});
    node.exit(130, "main");
    CHECK(started(node).empty());
    node.exit(130, "proxy");
    CHECK(started(node) == Names{"clean"});
    node.exit(0, "clean");
    CHECK(node.client.alloc({"a1"})->done());
    CHECK(node.client.alloc({"a1"})->report().client_status == core::model::ClientStatus::complete);
  }
}

TEST_CASE("sidecars end with the main tasks", "[client]") {
  Spec spec;
  spec.job.type = "batch";
  spec.group().tasks = {make_task("main"), hook("proxy", "prestart", true)};
  auto node = placed(spec);
  REQUIRE(started(node) == Names{"proxy"});
  REQUIRE(started(node) == Names{"main"});
  node.exit(0, "main");
  CHECK(killed(node) == Names{"proxy"});
}

TEST_CASE("a failed prestart task fails the allocation before the main task ran", "[client]") {
  Spec spec;
  spec.group().tasks = {hook("init", "prestart"), make_task("main")};
  spec.group().restart_policy = policy(0, 1min, 1s, "fail");
  auto node = placed(spec);
  REQUIRE(started(node) == Names{"init"});
  node.exit(1, "init");
  CHECK(started(node).empty());
  CHECK(node.client.alloc({"a1"})->done());
  CHECK(node.client.alloc({"a1"})->report().client_status == core::model::ClientStatus::failed);
}
