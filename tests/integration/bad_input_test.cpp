// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "tests/integration/cluster.h"
#include "tests/integration/jobs.h"

using namespace integration;

TEST_CASE("malformed requests get Nomad's status and text, and change nothing", "[integration][input]") {
  Directory data;
  Agent agent({.arguments = {"-dev"}, .config = "", .data_dir = data.path(), .ports = {}});
  agent.start();
  REQUIRE(ready(agent));
  struct Case {
    const char* target;
    const char* body;
    int status;
    const char* text;
  };
  const auto [target, body, status, text] = GENERATE(values<Case>({
      {"/v1/jobs", "{", 400, "offset"},
      {"/v1/jobs", "{}", 400, "Job must be specified"},
      {"/v1/jobs", R"({"Job":{}})", 400, "Job ID hasn't been provided"},
      {"/v1/jobs", R"({"Job":{"ID":5}})", 400, "Job: ID: expected a string, found a number"},
      {"/v1/jobs", R"({"Job":{"ID":"a b","TaskGroups":[]}})", 500, "Job ID contains a space"},
      {"/v1/node/nope/drain", R"({"DrainSpec":null})", 500, "node not found"},
      {"/v1/node/nope/drain?enable=maybe", "", 400, "invalid enable value"},
  }));
  CAPTURE(target, body);
  const auto answer = agent.put(target, body);
  CHECK(answer.status == status);
  CHECK(answer.body.find(text) != std::string::npos);
  CHECK(agent.get("/v1/jobs").body == "[]");
}

TEST_CASE("unknown objects, paths and parameters are refused as Nomad does", "[integration][input]") {
  Directory data;
  Agent agent({.arguments = {"-dev"}, .config = "", .data_dir = data.path(), .ports = {}});
  agent.start();
  REQUIRE(ready(agent));
  CHECK(agent.get("/v1/nothing").status == 404);
  CHECK(agent.get("/v1/job/none").body == "job not found");
  CHECK(agent.get("/v1/job/none").status == 404);
  CHECK(agent.get("/v1/node/none").body == "node not found");
  CHECK(agent.get("/v1/jobs?index=x").body == "Invalid index");
  CHECK(agent.get("/v1/jobs?index=1&wait=x").body == "Invalid wait time");
  CHECK(agent.remove("/v1/nodes").status == 405);
  CHECK(agent.get("/v1/jobs?region=moon").body == "No path to region");
}

TEST_CASE("each thing in the way of a start has a message of its own", "[integration][input]") {
  Directory data;
  SECTION("a port in use") {
    Agent first({.arguments = {"-dev"}, .config = "", .data_dir = data.path(), .ports = {}});
    first.start();
    REQUIRE(ready(first));
    Directory other;
    Agent second({.arguments = {"-dev"}, .config = "", .data_dir = other.path(), .ports = first.ports()});
    second.start();
    CHECK(second.wait() == 1);
    CHECK(second.log().find("address already in use") != std::string::npos);
  }
  SECTION("a directory in use") {
    Agent first({.arguments = {"-dev"}, .config = "", .data_dir = data.path(), .ports = {}});
    first.start();
    REQUIRE(ready(first));
    Agent second({.arguments = {"-dev"}, .config = "", .data_dir = data.path(), .ports = {}});
    second.start();
    CHECK(second.wait() == 1);
    CHECK(second.log().find("in use") != std::string::npos);
  }
  SECTION("neither server nor client") {
    const auto ran = run(nomad({"agent", "-data-dir", data.path()}));
    CHECK(ran.code == 1);
    CHECK(ran.err.find("Must specify either server, client or dev mode for the agent.") != std::string::npos);
  }
  SECTION("a configuration file that is wrong") {
    const auto file = data.file("bad.hcl", "server {\n  enabled = true\n");
    const auto ran = run(nomad({"agent", "-config", file}));
    CHECK(ran.code == 1);
    CHECK(ran.err.find("bad.hcl") != std::string::npos);
  }
  SECTION("a flag that does not exist") {
    const auto ran = run(nomad({"agent", "-frobnicate"}));
    CHECK(ran.code == 1);
    CHECK(ran.err.find("flag provided but not defined: -frobnicate") != std::string::npos);
  }
}

TEST_CASE("a job file that is wrong is refused with file, line and column", "[integration][input]") {
  Directory files;
  const auto file = files.file("bad.nomad", "job \"x\" {\n  group \"g\" {\n    count = 1 +* 2\n  }\n}\n");
  const auto ran = run(nomad({"validate", file}));
  CHECK(ran.code == 1);
  CHECK(ran.err.find("bad.nomad:3,") != std::string::npos);
  CHECK(run(nomad({"run", "/nonexistent.nomad"})).code == 1);
}
