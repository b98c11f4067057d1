// SPDX-License-Identifier: MPL-2.0
// Agents that know each other through Consul alone, and what becomes of them when it goes, lies or forgets.
#include <catch2/catch.hpp>

#include <algorithm>
#include <csignal>
#include <memory>

#include "tests/integration/fake_consul.h"
#include "tests/integration/gossip.h"
#include "tests/integration/servers.h"
#include "tests/integration/sockets.h"

using namespace integration;
using namespace std::chrono_literals;

namespace {

class Machine {
 public:
  explicit Machine(const std::string& config) : agent({.arguments = {}, .config = config, .data_dir = directory_.path(), .ports = {}}) { agent.start(); }

 private:
  Directory directory_;

 public:
  Agent agent;
};

std::string client_config(const std::string& consul, const std::string& more = "") {
  return "client {\n  enabled = true\n  network_interface = \"lo\"\n  options = { \"driver.raw_exec.enable\" = \"true\" }\n" + more + "}\n" + consul;
}

std::size_t voters(const Agent& server) {
  const auto body = peers(server);
  return static_cast<std::size_t>(std::count(body.begin(), body.end(), ':'));
}

// The node as servers have it; there is one.
std::string node(const Agent& server) {
  const auto list = server.get("/v1/nodes").body;
  const auto at = list.find("\"ID\":\"");
  return at == std::string::npos ? "" : server.get("/v1/node/" + list.substr(at + 6, 36)).body;
}

bool describes_consul(const std::string& node) { return node.find("\"consul.version\"") != std::string::npos; }

}  // namespace

TEST_CASE("servers and a client find each other through Consul alone, and keep what they found without it", "[integration][consul]") {
  FakeConsul consul("sesame");
  consul.start();
  std::vector<std::unique_ptr<Machine>> servers;
  for (int i = 0; i < 3; ++i) servers.push_back(std::make_unique<Machine>(alone("s" + std::to_string(i), "  bootstrap_expect = 3\n") + consul.config()));
  auto& first = servers[0]->agent;
  for (auto& server : servers) REQUIRE(await([&] { return voters(server->agent) == 3 && server->agent.get("/v1/status/leader").status == 200; }));
  Machine client(client_config(consul.config()));
  REQUIRE(ready(first));
  CHECK(await([&] { return consul.registered("nomad") == 9 && consul.registered("nomad-client") == 1; }));

  // What Consul is asked to check answers.
  CHECK(first.get("/v1/agent/health?type=server").status == 200);
  CHECK(first.get("/v1/agent/health?type=client").status == 500);
  CHECK(await([&] { return client.agent.get("/v1/agent/health?type=client").status == 200; }));

  CHECK(await([&] { return describes_consul(node(first)); }));
  const auto with = node(first);
  CHECK(with.find("\"consul.version\":\"1.9.5\"") != std::string::npos);
  CHECK(with.find("\"unique.consul.name\":\"here\"") != std::string::npos);
  CHECK(with.find("\"Links\":{\"consul\":\"dc7.here\"}") != std::string::npos);

  consul.stop();
  CHECK(await([&] { return !describes_consul(node(first)); }, 60s));
  REQUIRE(first.put("/v1/jobs", api_job("without", "sleep 600")).status == 200);
  CHECK(await([&] { return client_status(first, "without") == "running"; }));

  consul.start(FakeConsul::Mood::babbling);
  CHECK(await([&] { return consul.asked("/v1/agent/services") >= 8 && consul.asked("/v1/agent/self") >= 2; }, 90s));
  for (auto& server : servers) CHECK(voters(server->agent) == 3);
  CHECK(client_status(first, "without") == "running");
  CHECK_FALSE(describes_consul(node(first)));

  // It forgot everything, and is told again.
  consul.start();
  CHECK(await([&] { return consul.registered("nomad") == 9 && consul.registered("nomad-client") == 1; }, 60s));
  CHECK(await([&] { return describes_consul(node(first)); }, 60s));

  // Whoever ends in an orderly way is not to be found any more.
  servers[2]->agent.signal(SIGTERM);
  servers[2]->agent.wait();
  CHECK(consul.registered("nomad") == 6);
  client.agent.signal(SIGTERM);
  client.agent.wait();
  CHECK(consul.registered("nomad-client") == 0);
  const auto pid = task_pid("without-marker");
  if (pid != 0) ::kill(pid, SIGKILL);
  CHECK(first.log().find("sesame") == std::string::npos);
}

TEST_CASE("a client that has lost all its servers asks Consul for others", "[integration][consul]") {
  FakeConsul consul("sesame");
  consul.start();
  const std::string ttl = "  bootstrap_expect = 1\n  min_heartbeat_ttl = \"1s\"\n";
  Machine known(alone("known", ttl));
  REQUIRE(await([&] { return known.agent.get("/v1/status/leader").status == 200; }));  // so that the client is never alone
  Machine client(client_config(consul.config(), "  servers = [\"" + rpc_of(known.agent.ports()) + "\"]\n"));
  REQUIRE(ready(known.agent));
  CHECK(consul.asked("/v1/catalog/") == 0);
  known.agent.signal(SIGKILL);
  known.agent.wait();
  Machine other(alone("other", ttl) + consul.config());
  CHECK(await([&] { return ready(other.agent); }, 60s));
}

TEST_CASE("agents that are not to use Consul's catalog do not ask it", "[integration][consul]") {
  FakeConsul consul("sesame");
  consul.start();
  Machine server(alone("s", "  bootstrap_expect = 2\n") + consul.config("  server_auto_join = false\n  auto_advertise = false\n"));
  Machine client(client_config(consul.config("  client_auto_join = false\n")));
  CHECK(await([&] { return consul.registered("nomad-client") == 1 && consul.asked("/v1/agent/self") >= 2; }, 60s));
  CHECK(consul.asked("/v1/catalog/") == 0);
  CHECK(consul.registered("nomad") == 0);
}

TEST_CASE("a Consul that is configured and not there is warned of once, one that is not configured never", "[integration][consul]") {
  FakeConsul never("sesame");
  Machine told(alone("told", "  bootstrap_expect = 2\n") + never.config());
  Machine untold("log_level = \"DEBUG\"\n" + alone("untold", "  bootstrap_expect = 2\n"));
  CHECK(told.agent.says("Consul does not do as it is asked"));
  if (Socket(8500).connected()) return;  // this host has a Consul
  // By now the catalog was asked for again and again.
  CHECK(await([&] { return untold.agent.said("no servers could be asked for") >= 2; }, 60s));
  CHECK(told.agent.said("Consul does not do as it is asked") == 1);
  CHECK(untold.agent.said("[WARN]  consul") == 0);
}
