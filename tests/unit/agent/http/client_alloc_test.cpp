// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "tests/unit/agent/http/rig.h"

using namespace test;
using namespace std::chrono_literals;
using agent::http::UseRates;

TEST_CASE("an allocation's use is the sum of its tasks'", "[http][stats]") {
  HttpRig rig;
  rig.node.uses["web"] = {.rss_bytes = 100, .pids = {{42, 60}}};
  rig.node.uses["log"] = {.rss_bytes = 23, .pids = {}};
  const auto answer = rig.get("/v1/client/allocation/a1/stats");
  REQUIRE(answer.status == 200);
  const auto document = core::json::parse(answer.body.text());
  REQUIRE(document.ok());
  const auto memory = [](core::json::Value of) { return of.find("ResourceUsage").value.find("MemoryStats").value.find("RSS").value.text(); };
  CHECK(memory(document->root()) == "123");
  const auto tasks = document->root().find("Tasks").value;
  CHECK(memory(tasks.find("web").value) == "100");
  CHECK(tasks.find("web").value.find("Pids").value.find("42").value.find("MemoryStats").value.find("RSS").value.text() == "60");
  CHECK(rig.get("/v1/client/allocation/a1/stats?task=none").body.text().find(R"("Tasks":{})") != std::string::npos);
  CHECK(rig.get("/v1/client/allocation/a2/stats").status == 404);
}

TEST_CASE("processor use is a mean at first, then what was used since the last look", "[http][stats]") {
  UseRates rates;
  const core::client::TaskId task{{"a"}, "t"};
  const core::Instant start{};
  CHECK(rates.of(task, {2'000'000'000, 0}, 10s, start).user == Approx(0.2));
  CHECK(rates.of(task, {9'000'000'000, 0}, 10s, start + 100ms).user == Approx(0.2));
  const auto later = rates.of(task, {3'000'000'000, 500'000'000}, 12s, start + 2s);
  CHECK(later.user == Approx(0.5));
  CHECK(later.system == Approx(0.25));
  CHECK(rates.of(task, {100'000'000, 0}, 1s, start + 4s).user == Approx(0.1));  // started anew
}

TEST_CASE("rates of tasks that nobody asks for are forgotten", "[http][stats]") {
  UseRates rates;
  rates.of({{"a"}, "t"}, {}, 1s, core::Instant{});
  rates.of({{"b"}, "t"}, {}, 1s, core::Instant{} + 10min);
  CHECK(rates.size() == 1);
}

TEST_CASE("people may restart and signal tasks that run", "[http]") {
  HttpRig rig;
  CHECK(rig.put("/v1/client/allocation/a1/restart", R"({"TaskName":"web"})").body.text() == R"({"Index":0})");
  CHECK(std::get<core::client::RestartAsked>(rig.node.wishes.at(0)).task == "web");
  CHECK(rig.put("/v1/client/allocation/a1/signal", R"({"Signal":"SIGUSR1"})").status == 200);
  CHECK(std::get<core::client::SignalAsked>(rig.node.wishes.at(1)).signal == "SIGUSR1");
  CHECK(rig.put("/v1/client/allocation/a1/restart", R"({"TaskName":"no"})").body.text() == "Could not find task runner for task: no");
  CHECK(rig.put("/v1/client/allocation/a1/signal", R"({"Signal":"SIGNOPE"})").status == 500);
  rig.node.states["web"].state = core::model::TaskStatus::dead;
  CHECK(rig.put("/v1/client/allocation/a1/restart").body.text() == "Task not running");
  CHECK(rig.node.wishes.size() == 2);
}

TEST_CASE("only what is over is collected", "[http]") {
  HttpRig rig;
  CHECK(rig.put("/v1/client/allocation/a1/gc").status == 500);
  CHECK(rig.node.wishes.empty());
  rig.node.states["web"].state = core::model::TaskStatus::dead;
  CHECK(rig.put("/v1/client/allocation/a1/gc").status == 200);
  CHECK(std::get<core::client::CollectAsked>(rig.node.wishes.at(0)).alloc.text == "a1");
  CHECK(rig.get("/v1/client/gc").status == 200);
  CHECK(std::get<core::client::CollectAsked>(rig.node.wishes.at(1)).alloc.empty());
}

TEST_CASE("a host says what it uses", "[http][stats]") {
  HttpRig rig;
  const auto document = core::json::parse(rig.get("/v1/client/stats?node_id=n1").body.text());
  REQUIRE(document.ok());
  CHECK(*document->root().find("Memory").value.find("Total").value.uint64() > 0);
  CHECK(document->root().find("CPU").value.size() > 0);
  CHECK(*document->root().find("AllocDirStats").value.find("Size").value.uint64() > 0);
  CHECK(*document->root().find("Uptime").value.uint64() > 0);
}
