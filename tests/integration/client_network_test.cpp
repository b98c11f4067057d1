// SPDX-License-Identifier: MPL-2.0
// Five clients and three servers, each on a host of its own: the servers are lost one after the other, by a kill,
// a network that drops what they send and a pulled cable, and no task notices.
#include <catch2/catch.hpp>

#include <csignal>
#include <memory>

#include "tests/integration/hosted.h"
#include "tests/integration/jobs.h"

using namespace integration;

namespace {

constexpr int kServers = 3, kClients = 5;

// On the hosts behind the servers'; told of server 0 alone.
class HostedClients {
 public:
  HostedClients(Network& network, const HostedServers& servers) {
    for (int i = 0; i < kClients; ++i) {
      clients_[i] = std::make_unique<Agent>(Agent::Options{.arguments = {},
                                                           .config = config(i, network.address(kServers + i), servers.rpc(0)),
                                                           .data_dir = directories_[i].path(),
                                                           .ports = kUsualPorts,
                                                           .host = network.address(kServers + i)});
      network.on_host(kServers + i, [&] { clients_[i]->start(); });
    }
  }
  Agent& operator[](int i) { return *clients_[i]; }

 private:
  static std::string config(int i, const std::string& address, const std::string& server) {
    return "name = \"c" + std::to_string(i) + "\"\nbind_addr = \"" + address + "\"\nclient {\n  enabled = true\n  network_interface = \"eth0\"\n  servers = [\"" +
           server + "\"]\n  options = { \"driver.raw_exec.enable\" = \"true\" }\n}\n";
  }
  Directory directories_[kClients];
  std::unique_ptr<Agent> clients_[kClients];
};

// A job that one client alone may run.
std::string pinned(int client, const std::string& id, const std::string& command) {
  const auto job = api_job(id, command);
  const std::string head = "{\"Job\":{";
  return head + R"("Constraints":[{"LTarget":"${node.unique.name}","RTarget":"c)" + std::to_string(client) + R"(","Operand":"="}],)" + job.substr(head.size());
}

std::string service(int client) { return "on-c" + std::to_string(client); }

}  // namespace

TEST_CASE("five clients lose one server after the other, in three ways, and no task is restarted", "[integration][client][servers][network]") {
  Network network(kServers + kClients);
  if (skipped(network.missing())) return;
  HostedServers servers(network, {.in_server = "  min_heartbeat_ttl = \"1s\"\n  heartbeat_grace = \"10s\"\n"});
  HostedClients clients(network, servers);
  REQUIRE(ready(servers[0], kClients));
  pid_t tasks[kClients];
  for (int i = 0; i < kClients; ++i) {
    for (int server = 0; server < kServers; ++server)
      CHECK(await([&] { return clients[i].get("/v1/agent/servers").body.find(servers.rpc(server)) != std::string::npos; }));
    REQUIRE(clients[i].put("/v1/jobs", pinned(i, service(i), "sleep 600")).status == 200);
  }
  for (int i = 0; i < kClients; ++i) REQUIRE(await([&] { return (tasks[i] = task_pid(service(i) + "-marker")) != 0; }));
  for (int lost = 0; lost < kServers; ++lost) {
    CAPTURE(lost);
    if (lost == 0) servers.kill(lost);
    else if (lost == 1) network.isolate(lost);
    else network.unplug(lost);
    const int other = (lost + 1) % kServers;
    // Every client takes work for itself through whoever is left, and does it.
    for (int i = 0; i < kClients; ++i) {
      const auto id = "after-" + std::to_string(lost) + "-" + std::to_string(i);
      CHECK(await([&] { return clients[i].put("/v1/jobs", pinned(i, id, "exit 0")).status == 200; }, std::chrono::seconds(40)));
      CHECK(await([&] { return client_status(servers[other], id) == "complete"; }, std::chrono::seconds(40)));
    }
    CHECK(ready(servers[other], kClients));
    if (lost == 0) servers.start(lost);
    network.heal();
    CHECK(servers.becomes_everywhere(lost, "alive"));
    CHECK(servers.voters_become(kServers));
  }
  for (int i = 0; i < kClients; ++i) {
    CHECK(task_pid(service(i) + "-marker") == tasks[i]);
    CHECK(client_status(servers[0], service(i)) == "running");
    CHECK(await([&] { return servers[0].remove("/v1/job/" + service(i) + "?purge=true").status == 200; }));
  }
  for (int i = 0; i < kClients; ++i) CHECK(await([&] { return task_pid(service(i) + "-marker") == 0; }));
}
