// SPDX-License-Identifier: MPL-2.0
#include <signal.h>

#include <catch2/catch.hpp>

#include "tests/integration/cluster.h"
#include "tests/integration/jobs.h"

using namespace integration;
using namespace std::chrono_literals;

namespace {

constexpr const char* kServer =
    "server {\n  enabled = true\n  bootstrap_expect = 1\n  min_heartbeat_ttl = \"1s\"\n  heartbeat_grace = \"1s\"\n"
    "  eval_gc_threshold = \"1s\"\n  job_gc_threshold = \"1s\"\n  node_gc_threshold = \"2s\"\n  job_gc_interval = \"1s\"\n}\n";

std::string client_config(const Agent& server) {
  return "client {\n  enabled = true\n  network_interface = \"lo\"\n  servers = [\"127.0.0.1:" + std::to_string(server.ports().rpc) +
         "\"]\n  options = { \"driver.raw_exec.enable\" = \"true\" }\n}\n";
}

struct Cluster {
  Cluster()
      : server({.arguments = {}, .config = kServer, .data_dir = server_data.path(), .ports = {}}),
        first({.arguments = {}, .config = client_config(server), .data_dir = first_data.path(), .ports = {}}),
        second({.arguments = {}, .config = client_config(server), .data_dir = second_data.path(), .ports = {}}) {
    server.start();
    first.start();
    REQUIRE(ready(server, 1));
    REQUIRE(server.put("/v1/jobs", api_job("mover", "while :; do sleep 1; done")).status == 200);
    REQUIRE(await([&] { return client_status(server, "mover") == "running"; }));
    second.start();
    REQUIRE(ready(server, 2));
  }
  ~Cluster() {
    server.remove("/v1/job/mover?purge=true");
    await([&] { return task_pid("mover-marker") == 0; }, 10s);
  }
  Directory server_data, first_data, second_data;
  Agent server, first, second;
};

int running(const Agent& server) {
  const auto body = server.get("/v1/job/mover/allocations").body;
  int count = 0;
  for (auto at = body.find("\"ClientStatus\":\"running\""); at != std::string::npos; at = body.find("\"ClientStatus\":\"running\"", at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE("a second client takes over the work of one that was killed, which is ready again when it returns", "[integration][lifecycle]") {
  Cluster cluster;
  cluster.first.signal(SIGKILL);
  cluster.first.wait();
  CHECK(await([&] { return cluster.server.get("/v1/nodes").body.find("\"Status\":\"down\"") != std::string::npos; }, 15s));
  CHECK(await([&] { return client_status(cluster.server, "mover") == "running" && running(cluster.server) == 1; }, 15s));
  cluster.first.start();
  CHECK(ready(cluster.server, 2));
}

TEST_CASE("drain moves work away and the node takes none until it is told to", "[integration][lifecycle]") {
  Cluster cluster;
  const auto nodes = cluster.server.cli({"node-status"}).out;
  const auto alloc = cluster.server.get("/v1/job/mover/allocations").body;
  const auto at = alloc.find("\"NodeID\":\"") + 10;
  const auto node = alloc.substr(at, 36);
  CHECK(cluster.server.cli({"node-drain", "-enable", node}).code == 0);
  CHECK(await([&] {
    const auto body = cluster.server.get("/v1/node/" + node + "/allocations").body;
    return client_status(cluster.server, "mover") == "running" && body.find("\"ClientStatus\":\"running\"") == std::string::npos;
  }));
  CHECK(cluster.server.cli({"node-drain", "-disable", node}).code == 0);
  CHECK(cluster.server.get("/v1/node/" + node).body.find("\"SchedulingEligibility\":\"eligible\"") != std::string::npos);
}

TEST_CASE("finished work, dead jobs and nodes that stay down are collected, and the state says when", "[integration][lifecycle]") {
  Cluster cluster;
  REQUIRE(cluster.server.put("/v1/jobs", api_job("once", "exit 0")).status == 200);
  REQUIRE(await([&] { return client_status(cluster.server, "once") == "complete"; }));
  REQUIRE(cluster.server.remove("/v1/job/once").status == 200);
  CHECK(await([&] { return cluster.server.get("/v1/job/once").status == 404; }, 30s));
  cluster.first.signal(SIGKILL);
  cluster.first.wait();
  CHECK(await([&] { return cluster.server.sql("select count(*) from nodes") == "1\n"; }, 60s));
  CHECK(cluster.server.sql("select count(*) from gc") != "0\n");
}
