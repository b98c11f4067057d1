// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "tests/integration/cluster.h"
#include "tests/integration/jobs.h"

using namespace integration;

namespace {

std::string alloc_of(const Agent& agent, const std::string& job) {
  const auto document = core::json::parse(agent.get("/v1/job/" + job + "/allocations").body);
  if (!document.ok() || document->root().size() == 0) return "";
  return std::string(document->root().element(0).find("ID").value.string());
}

}  // namespace

TEST_CASE("what a task wrote can be read over the API and with the commands", "[integration][fs]") {
  Directory data;
  Agent agent({.arguments = {"-dev"}, .config = "", .data_dir = data.path(), .ports = {}});
  agent.start();
  REQUIRE(ready(agent));
  REQUIRE(agent.put("/v1/jobs", api_job("writer", "echo one; echo two; echo bad >&2; echo kept >$NOMAD_TASK_DIR/file; while :; do sleep 1; done")).status == 200);
  REQUIRE(await([&] { return client_status(agent, "writer") == "running"; }));
  const auto id = alloc_of(agent, "writer");
  REQUIRE(await([&] { return agent.cli({"alloc", "logs", id}).out == "one\ntwo\n"; }));
  CHECK(agent.cli({"logs", "-stderr", id.substr(0, 8)}).out == "bad\n");
  CHECK(agent.cli({"alloc", "logs", "-tail", "-n", "1", id}).out == "two\n");
  CHECK(agent.cli({"alloc", "logs", "-tail", "-c", "2", id}).out == "o\n");
  CHECK(agent.cli({"alloc", "logs", "-job", "writer"}).out == "one\ntwo\n");
  const auto unknown = agent.cli({"alloc", "logs", id, "nope"});
  CHECK(unknown.code == 1);
  CHECK(unknown.err == "Error reading file: Unexpected response code: 400 (unknown task name \"nope\")\n");
  const auto listed = agent.cli({"alloc", "fs", id});
  CAPTURE(listed.out, listed.err);
  CHECK(listed.code == 0);
  CHECK(listed.out.find("alloc/") != std::string::npos);
  const auto task = agent.get("/v1/client/fs/ls/" + id);
  REQUIRE(task.status == 200);
  CHECK(agent.cli({"fs", "-stat", id, "alloc/logs"}).out.find("logs/") != std::string::npos);
  CHECK(agent.cli({"fs", id, "../../../../etc/passwd"}).code == 1);
  CHECK(agent.get("/v1/client/allocation/" + id + "/stats").body.find("\"RSS\"") != std::string::npos);
  CHECK(agent.get("/v1/client/stats").body.find("\"Memory\"") != std::string::npos);
}

TEST_CASE("a v0.1.2 client is told of a group without a place as a failed allocation", "[integration][v0.1.2]") {
  Directory data;
  Agent agent({.arguments = {"-dev"}, .config = "compat = \"v0.1.2\"\n", .data_dir = data.path(), .ports = {}});
  agent.start();
  REQUIRE(ready(agent));
  Directory files;
  const auto ran = agent.cli({"run", files.file("big.nomad", sleeper("big", 1, "memory = 100000000"))});
  CAPTURE(ran.out, ran.err);
  CHECK(ran.code == 2);
  CHECK(ran.out.find("    Scheduling error for group ") != std::string::npos);
  const auto id = alloc_of(agent, "big");
  REQUIRE(!id.empty());
  CHECK(ran.out.find("Allocation \"" + id + "\" status \"failed\"") != std::string::npos);
  const auto full = agent.get("/v1/allocation/" + id);
  CHECK(full.body.find("\"DesiredDescription\":\"failed to find a node for placement\"") != std::string::npos);
  const auto shown = agent.cli({"alloc-status", id});
  CHECK(shown.code == 0);
  CHECK(shown.out.find("Dimension \"memory\" exhausted on 1 nodes") != std::string::npos);
}
