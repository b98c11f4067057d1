// SPDX-License-Identifier: MPL-2.0
#include <signal.h>

#include <catch2/catch.hpp>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/integration/cluster.h"
#include "tests/integration/jobs.h"

using namespace integration;
using namespace std::chrono_literals;

namespace {

constexpr const char* kConfig =
    "server {\n  enabled = true\n  bootstrap_expect = 1\n}\nclient {\n  enabled = true\n  network_interface = \"lo\"\n"
    "  options = { \"driver.raw_exec.enable\" = \"true\" }\n}\n";

// A task and what it has started in a session of its own.
struct Running {
  Running() : agent({.arguments = {}, .config = kConfig, .data_dir = data.path(), .ports = {}}) {
    agent.start();
    REQUIRE(ready(agent));
    REQUIRE(agent.put("/v1/jobs", api_job("keeper", "setsid sleep 31536001 & while :; do sleep 1; done")).status == 200);
    REQUIRE(await([&] { return client_status(agent, "keeper") == "running" && task_pid("keeper-marker") > 0 && child() > 0; }));
    task = task_pid("keeper-marker");
    fled = child();
  }
  static pid_t child() { return static_cast<pid_t>(std::atoi(run({"pgrep", "-n", "-f", "^sleep 31536001$"}).out.c_str())); }
  bool gone() const { return ::kill(task, 0) != 0 && ::kill(fled, 0) != 0; }

  Directory data;
  Agent agent;
  pid_t task = 0, fled = 0;
};

pid_t parent_of(pid_t pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(stat, text);
  int parent = 0;
  std::sscanf(text.c_str() + text.rfind(')') + 1, " %*c %d", &parent);
  return parent;
}

}  // namespace

TEST_CASE("when a supervisor is killed nothing of its task runs on", "[integration][tasks]") {
  Running running;
  SECTION("and the agent that watches sees to it") { ::kill(parent_of(running.task), SIGKILL); }
  SECTION("and the agent that comes later sees to it") {
    running.agent.signal(SIGKILL);
    running.agent.wait();
    ::kill(parent_of(running.task), SIGKILL);
    running.agent.start();
  }
  CHECK(await([&] { return running.gone(); }, 15s));
}

TEST_CASE("an agent that lost its memory ends what it knows nothing of", "[integration][tasks]") {
  Running running;
  running.agent.signal(SIGKILL);
  running.agent.wait();
  REQUIRE(::kill(running.task, 0) == 0);
  for (const auto* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(running.data.path() + "/client/state.db" + suffix);
  running.agent.start();
  CHECK(await([&] { return running.gone(); }, 15s));
}
