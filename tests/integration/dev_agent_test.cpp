// SPDX-License-Identifier: MPL-2.0
#include <signal.h>

#include <catch2/catch.hpp>

#include "tests/integration/cluster.h"
#include "tests/integration/jobs.h"

using namespace integration;
using namespace std::chrono_literals;

TEST_CASE("a dev agent runs a service and a batch job from a job file", "[integration]") {
  Directory data;
  Agent agent({.arguments = {"-dev"}, .config = "", .data_dir = data.path(), .ports = {}});
  agent.start();
  REQUIRE(ready(agent));
  Directory files;
  const auto service = agent.cli({"run", files.file("service.nomad", sleeper("service"))});
  CAPTURE(service.out, service.err);
  CHECK(service.code == 0);
  CHECK(service.out.find("finished with status \"complete\"") != std::string::npos);
  const auto batch = agent.cli({"run", files.file("batch.nomad", command_job("batch", "exit 0"))});
  CHECK(batch.code == 0);
  CHECK(await([&] { return client_status(agent, "service") == "running"; }));
  CHECK(await([&] { return client_status(agent, "batch") == "complete"; }));
  const auto status = agent.cli({"status", "service"});
  CHECK(status.code == 0);
  CHECK(status.out.find("==> Allocations") != std::string::npos);
}

TEST_CASE("a job for which there is no room exits with 2 and says why", "[integration]") {
  Directory data;
  Agent agent({.arguments = {"-dev"}, .config = "", .data_dir = data.path(), .ports = {}});
  agent.start();
  REQUIRE(ready(agent));
  Directory files;
  const auto ran = agent.cli({"run", files.file("big.nomad", sleeper("big", 1, "memory = 100000000"))});
  CAPTURE(ran.out);
  CHECK(ran.code == 2);
  CHECK(ran.out.find("Dimension \"memory\" exhausted on 1 nodes") != std::string::npos);
}

TEST_CASE("jobs acknowledged and tasks running survive kill -9 of the agent, fifty times", "[integration][kill]") {
  Directory data;
  Agent agent({.arguments = {"-dev"}, .config = "", .data_dir = data.path(), .ports = {}});
  agent.start();
  REQUIRE(ready(agent));
  REQUIRE(agent.put("/v1/jobs", api_job("keeper", "while :; do sleep 1; done")).status == 200);
  REQUIRE(await([&] { return client_status(agent, "keeper") == "running"; }));
  const auto before = task_pid("keeper-marker");
  REQUIRE(before > 0);
  int acknowledged = 0;
  for (int round = 0; round < 50; ++round) {
    CAPTURE(round);
    // The agent dies while registrations are under way, at another moment each round.
    const int writes = round % 7;
    for (int i = 0; i < writes; ++i)
      if (agent.put("/v1/jobs", api_job("job-" + std::to_string(acknowledged), "exit 0")).status == 200) ++acknowledged;
    agent.signal(SIGKILL);
    REQUIRE(agent.wait() == -SIGKILL);
    REQUIRE(::kill(before, 0) == 0);  // its task runs on
    agent.start();
    REQUIRE(await([&] { return agent.get("/v1/status/leader").status == 200; }));
    for (int i = 0; i < acknowledged; ++i) {
      CAPTURE(i);
      REQUIRE(agent.get("/v1/job/job-" + std::to_string(i)).status == 200);
    }
  }
  REQUIRE(ready(agent));
  CHECK(::kill(before, 0) == 0);
  CHECK(client_status(agent, "keeper") == "running");
  CHECK(task_pid("keeper-marker") == before);  // adopted, not started anew
}
