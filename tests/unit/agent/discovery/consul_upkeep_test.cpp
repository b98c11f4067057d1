// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include <set>

#include "agent/discovery/consul_upkeep.h"

using namespace agent::discovery;
using namespace std::chrono_literals;

namespace {

constexpr core::Instant kStart = core::Instant() + 1h;

agent::config::Config server() {
  auto config = agent::config::defaults();
  config.server.enabled = true;
  config.bind_addr = "10.0.0.1";
  return config;
}

std::map<std::string, ConsulService> registered(const std::vector<ConsulService>& services) {
  std::map<std::string, ConsulService> out;
  for (const auto& service : services) out.emplace(service.id, service);
  return out;
}

}  // namespace

TEST_CASE("a server is advertised with its HTTP, RPC and gossip, each with a check", "[discovery][consul]") {
  const auto services = consul_services(server());
  REQUIRE(services.size() == 3);
  for (const auto& service : services) {
    CHECK(service.name == "nomad");
    CHECK(service.address == "10.0.0.1");
    CHECK(service.id.starts_with("_nomad-server-"));
    CHECK(service.check.id.starts_with("_nomad-check-"));
    CHECK(service.check.interval == "10s");
  }
  CHECK(services[0].tags == std::vector<std::string>{"http"});
  CHECK(services[0].port == 4646);
  CHECK(services[0].check.name == "Nomad Server HTTP Check");
  CHECK(services[0].check.http == "http://10.0.0.1:4646/v1/agent/health?type=server");
  CHECK(services[0].check.timeout == "5s");
  CHECK(services[1].tags == std::vector<std::string>{"rpc"});
  CHECK(services[1].port == 4647);
  CHECK(services[1].check.name == "Nomad Server RPC Check");
  CHECK(services[1].check.tcp == "10.0.0.1:4647");
  CHECK(services[1].check.timeout == "3s");
  CHECK(services[2].tags == std::vector<std::string>{"serf"});
  CHECK(services[2].port == 4648);
  CHECK(services[2].check.name == "Nomad Server Serf Check");
  CHECK(services[2].check.tcp == "10.0.0.1:4648");
}

TEST_CASE("a client is advertised with its HTTP, and an agent that is both with all four", "[discovery][consul]") {
  auto config = server();
  config.client.enabled = true;
  REQUIRE(consul_services(config).size() == 4);
  config.server.enabled = false;
  const auto services = consul_services(config);
  REQUIRE(services.size() == 1);
  CHECK(services[0].name == "nomad-client");
  CHECK(services[0].id.starts_with("_nomad-client-"));
  CHECK(services[0].tags == std::vector<std::string>{"http"});
  CHECK(services[0].check.name == "Nomad Client HTTP Check");
  CHECK(services[0].check.http == "http://10.0.0.1:4646/v1/agent/health?type=client");
}

TEST_CASE("services are advertised where others reach them, and checked where they are bound", "[discovery][consul]") {
  auto config = server();
  config.advertise.rpc = "servers.example:14647";
  config.advertise.serf = "192.0.2.1";
  config.consul.tags = {"blue"};
  const bool use_advertise = GENERATE(false, true);
  config.consul.checks_use_advertise = use_advertise;
  const auto services = consul_services(config);
  CHECK(services[1].address == "servers.example");
  CHECK(services[1].port == 14647);
  CHECK(services[1].tags == std::vector<std::string>{"rpc", "blue"});
  CHECK(services[1].check.tcp == (use_advertise ? "servers.example:14647" : "10.0.0.1:4647"));
  CHECK(services[2].address == "192.0.2.1");
  CHECK(services[2].port == 4648);
}

TEST_CASE("ids differ between services and agents, and are the same after a restart", "[discovery][consul]") {
  auto other = server();
  other.ports.http = 14646;
  std::set<std::string> ids;
  for (const auto& config : {server(), other})
    for (const auto& service : consul_services(config)) ids.insert(service.id);
  CHECK(ids.size() == 4);  // RPC and gossip are where they were
  CHECK(consul_services(server())[1].id == consul_services(server())[1].id);
}

TEST_CASE("what is not there as it should be is registered", "[discovery][consul]") {
  const ConsulUpkeep upkeep(consul_services(server()), kStart);
  auto there = registered(upkeep.services());
  CHECK(upkeep.missing(there).empty());
  CHECK(upkeep.missing({}).size() == 3);
  auto& one = there.at(upkeep.services()[1].id);
  SECTION("the name") { one.name = "other"; }
  SECTION("the address") { one.address = "10.0.0.9"; }
  SECTION("the port") { one.port = 1; }
  SECTION("the tags") { one.tags.push_back("more"); }
  SECTION("it is gone") { there.erase(one.id); }
  there.emplace("redis", ConsulService{});
  const auto missing = upkeep.missing(there);
  REQUIRE(missing.size() == 1);
  CHECK(missing[0].id == upkeep.services()[1].id);
}

TEST_CASE("rounds are half a minute apart, and sooner after failures, ever less so", "[discovery][consul]") {
  ConsulUpkeep upkeep(consul_services(server()), kStart);
  CHECK(upkeep.next_round() == kStart);
  for (const auto after : {1s, 2s, 3s}) {
    upkeep.failed(kStart);
    CHECK(upkeep.next_round() == kStart + after);
  }
  for (int i = 0; i < 100; ++i) upkeep.failed(kStart);
  CHECK(upkeep.next_round() == kStart + 30s);
  upkeep.succeeded(kStart);
  CHECK(upkeep.next_round() == kStart + 30s);
  upkeep.failed(kStart);
  CHECK(upkeep.next_round() == kStart + 1s);
}
