// SPDX-License-Identifier: MPL-2.0
// A client and the servers it knows: told of all by one, and without a restart of its task when any one is lost.
// client_network_test.cpp has several, and cables.
#include <catch2/catch.hpp>

#include <csignal>
#include <memory>

#include "tests/integration/jobs.h"
#include "tests/integration/servers.h"

using namespace integration;

namespace {

// Clients that were told of server 0 alone.
class Clients {
 public:
  Clients(Servers& servers, int count) {
    for (int i = 0; i < count; ++i) {
      directories_.push_back(std::make_unique<Directory>());
      agents_.push_back(std::make_unique<Agent>(
          Agent::Options{.arguments = {},
                         .config = "name = \"c" + std::to_string(i) + "\"\nclient {\n  enabled = true\n  network_interface = \"lo\"\n  servers = [\"" +
                                   rpc_of(servers.ports()[0]) + "\"]\n  options = { \"driver.raw_exec.enable\" = \"true\" }\n}\n",
                         .data_dir = directories_.back()->path(),
                         .ports = {}}));
      agents_.back()->start();
    }
  }
  Agent& operator[](int i) { return *agents_[static_cast<std::size_t>(i)]; }
  int size() const { return static_cast<int>(agents_.size()); }

 private:
  std::vector<std::unique_ptr<Directory>> directories_;
  std::vector<std::unique_ptr<Agent>> agents_;
};

bool knows(const Agent& client, const Ports& server) { return client.get("/v1/agent/servers").body.find(rpc_of(server)) != std::string::npos; }

}  // namespace

TEST_CASE("a client that knows one server is told of the others, and loses them one by one without its task restarting", "[integration][servers]") {
  Servers servers("  min_heartbeat_ttl = \"1s\"\n  heartbeat_grace = \"5s\"\n");
  REQUIRE(servers.leader() >= 0);
  Clients clients(servers, 1);
  REQUIRE(ready(servers[0], clients.size()));
  for (const auto& ports : servers.ports()) CHECK(await([&] { return knows(clients[0], ports); }));
  REQUIRE(servers[0].put("/v1/jobs", api_job("stays", "sleep 600")).status == 200);
  REQUIRE(await([] { return task_pid("stays-marker") != 0; }));
  const auto task = task_pid("stays-marker");
  for (int lost = 0; lost < 3; ++lost) {
    CAPTURE(lost);
    servers.kill(lost);
    const int other = (lost + 1) % 3;
    REQUIRE(await([&] { return servers.leader() >= 0; }));
    // It still answers for its cluster, through whoever is left, and hears of new work.
    CHECK(await([&] { return clients[0].get("/v1/nodes").status == 200; }));
    const auto id = "after-" + std::to_string(lost);
    CHECK(await([&] { return clients[0].put("/v1/jobs", api_job(id, "exit 0")).status == 200; }));
    CHECK(await([&] { return client_status(servers[other], id) == "complete"; }));
    CHECK(ready(servers[other], clients.size()));
    servers[lost].start();
    REQUIRE(await([&] { return servers[lost].get("/v1/status/leader").status == 200; }));
  }
  CHECK(task_pid("stays-marker") == task);
  servers[0].remove("/v1/job/stays?purge=true");
  CHECK(await([] { return task_pid("stays-marker") == 0; }));
}

TEST_CASE("clients are told of a server that joins while they are connected", "[integration][client]") {
  Servers servers;
  REQUIRE(servers.leader() >= 0);
  Clients clients(servers, 1);
  REQUIRE(ready(servers[0], 1));
  Directory directory;
  Agent fourth({.arguments = {}, .config = server_config(servers.ports(), 0), .data_dir = directory.path(), .ports = {}});
  fourth.start();
  CHECK(await([&] { return knows(clients[0], fourth.ports()); }));
}

TEST_CASE("SIGHUP turns a client to other servers without a restart", "[integration][client]") {
  const std::string alone = "server {\n  enabled = true\n  bootstrap_expect = 1\n}\n";
  Directory data[3];
  Agent first({.arguments = {}, .config = alone, .data_dir = data[0].path(), .ports = {}});
  Agent second({.arguments = {}, .config = alone, .data_dir = data[1].path(), .ports = {}});
  const auto config = [](const Agent& server) {
    return "client {\n  enabled = true\n  network_interface = \"lo\"\n  servers = [\"" + rpc_of(server.ports()) + "\"]\n}\n";
  };
  Agent client({.arguments = {}, .config = config(first), .data_dir = data[2].path(), .ports = {}});
  for (auto* agent : {&first, &second, &client}) agent->start();
  REQUIRE(ready(first, 1));
  client.configure(config(second));
  client.signal(SIGHUP);
  CHECK(ready(second, 1));
  CHECK(knows(client, second.ports()));
  CHECK_FALSE(knows(client, first.ports()));
  CHECK(client.running());
  CHECK(client.log().find("only a restart applies it") == std::string::npos);
}
