// SPDX-License-Identifier: MPL-2.0
#include "core/sched/changes.h"

#include <catch2/catch.hpp>

#include <functional>

#include "tests/support/builders.h"

using namespace core;
using namespace core::model;
using test::JobBuilder;

namespace {

JobBuilder base() {
  return JobBuilder("web").group("api", 2).task("server", 100, 64).port("http").static_port("admin", 9000);
}

bool replaced(const std::function<void(Job&)>& change) {
  auto after = base().build();
  change(after);
  return sched::needs_replacement(base().build(), after, "api");
}
Task& task(Job& job) { return job.groups[0].tasks[0]; }
NetworkResource& network(Job& job) { return job.groups[0].networks[0]; }

}  // namespace

TEST_CASE("the same job needs no replacement", "[sched][update]") { CHECK_FALSE(replaced([](Job&) {})); }

TEST_CASE("what tasks do not notice is taken on in place", "[sched][update]") {
  CHECK_FALSE(replaced([](Job& j) { j.groups[0].count = 7; }));
  CHECK_FALSE(replaced([](Job& j) { j.priority = 80; }));
  CHECK_FALSE(replaced([](Job& j) { j.constraints.push_back({"${attr.kernel.name}", "linux", "="}); }));
  CHECK_FALSE(replaced([](Job& j) { task(j).kill_timeout = 20s; }));
  CHECK_FALSE(replaced([](Job& j) { task(j).log_config = LogConfig{3, 3}; }));
  CHECK_FALSE(replaced([](Job& j) { j.groups[0].restart_policy->attempts = 9; }));
  CHECK_FALSE(replaced([](Job& j) { network(j).dynamic_ports[0].value = 25000; }));
}

TEST_CASE("what tasks are made of needs a replacement", "[sched][update]") {
  CHECK(replaced([](Job& j) { task(j).driver = "exec"; }));
  CHECK(replaced([](Job& j) { task(j).config["command"] = json::Raw{"\"/bin/false\""}; }));
  CHECK(replaced([](Job& j) { task(j).env["A"] = "b"; }));
  CHECK(replaced([](Job& j) { task(j).user = "nobody"; }));
  CHECK(replaced([](Job& j) { task(j).name = "other"; }));
  CHECK(replaced([](Job& j) { task(j).resources->cpu = 101; }));
  CHECK(replaced([](Job& j) { task(j).resources->memory_mb = 65; }));
  CHECK(replaced([](Job& j) { j.groups[0].tasks.push_back(task(j)); }));
  CHECK(replaced([](Job& j) { j.groups[0].ephemeral_disk->size_mb = 301; }));
  CHECK(replaced([](Job& j) { j.groups[0].name = "else"; }));
}

TEST_CASE("metadata counts as a task sees it", "[sched][update]") {
  CHECK(replaced([](Job& j) { j.meta["a"] = "1"; }));
  CHECK(replaced([](Job& j) { j.groups[0].meta["a"] = "1"; }));
  CHECK(replaced([](Job& j) { task(j).meta["a"] = "1"; }));
  const auto hidden = [](const char* value) {
    return base().with([&](Job& j) { j.meta["a"] = value, j.groups[0].tasks[0].meta["a"] = "1"; }).build();
  };
  CHECK_FALSE(sched::needs_replacement(hidden("2"), hidden("3"), "api"));
}

TEST_CASE("other ports need a replacement", "[sched][update]") {
  CHECK(replaced([](Job& j) { network(j).reserved_ports[0].value = 9001; }));
  CHECK(replaced([](Job& j) { network(j).dynamic_ports[0].label = "web"; }));
  CHECK(replaced([](Job& j) { network(j).dynamic_ports[0].to = 80; }));
  CHECK(replaced([](Job& j) { network(j).mbits = 10; }));
  CHECK(replaced([](Job& j) { network(j).dynamic_ports.push_back({"more", 0, 0, "default"}); }));
}

TEST_CASE("what decides where a group runs best needs a replacement", "[sched][update]") {
  CHECK(replaced([](Job& j) { j.affinities.push_back({"${meta.a}", "b", "=", 50}); }));
  CHECK(replaced([](Job& j) { j.groups[0].spreads.push_back({"${meta.a}", 50, {}}); }));
  CHECK(replaced([](Job& j) { task(j).affinities.push_back({"${meta.a}", "b", "=", 50}); }));
}
