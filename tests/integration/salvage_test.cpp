// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include <csignal>
#include <filesystem>

#include "tests/integration/cluster.h"
#include "tests/integration/jobs.h"
#include "tests/integration/rot.h"

using namespace integration;

TEST_CASE("a server alone with a damaged log refuses to start until it is salvaged", "[integration][salvage]") {
  Directory data;
  const Agent::Options options{.arguments = {"-server", "-bootstrap-expect=1"}, .config = "", .data_dir = data.path(), .ports = {}};
  {
    Agent agent(options);
    agent.start();
    REQUIRE(await([&] { return agent.get("/v1/status/leader").body.size() > 2; }));
    for (const auto* id : {"one", "two", "three"})
      REQUIRE(agent.put("/v1/jobs", api_job(id, "sleep 600")).status == 200);
    CHECK(run(nomad({"operator", "salvage", "-yes", data.path()})).err.find("in use") != std::string::npos);
    agent.signal(SIGKILL);
    agent.wait();
  }
  const auto segment = first_segment(data.path());
  flip(segment, kSegmentHeader + 600);
  {
    Agent agent(options);
    agent.start();
    CHECK(agent.wait() == 1);
    CHECK(agent.log().find(segment + ": offset ") != std::string::npos);
    CHECK(agent.log().find("nomad operator salvage") != std::string::npos);
  }
  const auto salvaged = run(nomad({"operator", "salvage", "-yes", data.path()}));
  CAPTURE(salvaged.out, salvaged.err);
  CHECK(salvaged.code == 0);
  CHECK(salvaged.out.find("Damaged: " + segment) != std::string::npos);
  CHECK(std::filesystem::exists(data.path() + "/server/salvaged-1"));
  Agent agent(options);
  agent.start();
  CHECK(await([&] { return agent.put("/v1/jobs", api_job("four", "sleep 600")).status == 200; }));
}
