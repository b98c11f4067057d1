// SPDX-License-Identifier: MPL-2.0
// Servers that know nothing but a rendezvous: another agent, or one of themselves.
#include <catch2/catch.hpp>

#include <algorithm>
#include <csignal>
#include <memory>

#include "tests/integration/gossip.h"
#include "tests/integration/servers.h"

using namespace integration;
using namespace std::chrono_literals;

namespace {

class Machine {
 public:
  explicit Machine(const std::string& config, Ports ports = {}) : agent({.arguments = {}, .config = config, .data_dir = directory_.path(), .ports = ports}) {
    agent.start();
  }

 private:
  Directory directory_;

 public:
  Agent agent;
};

std::string atlas(int http_port, const std::string& token) {
  return "atlas {\n  infrastructure = \"acme/prod\"\n  token = \"" + token + "\"\n  join = true\n  endpoint = \"http://127.0.0.1:" + std::to_string(http_port) + "\"\n}\n";
}

std::string server(int i, int expect, const std::string& more) {
  return alone("s" + std::to_string(i), "  bootstrap_expect = " + std::to_string(expect) + "\n") + more;
}

bool form(const std::vector<std::unique_ptr<Machine>>& servers) {
  return await([&] {
    return std::all_of(servers.begin(), servers.end(), [&](const auto& one) {
      const auto body = peers(one->agent);
      return one->agent.get("/v1/status/leader").status == 200 && std::count(body.begin(), body.end(), ':') == static_cast<std::ptrdiff_t>(servers.size());
    });
  });
}

}  // namespace

TEST_CASE("servers form a cluster by a rendezvous alone, and need it only to be found", "[integration][atlas]") {
  const auto ports = free_ports();
  const std::string offers = "client {\n  enabled = true\n  network_interface = \"lo\"\n}\natlas_rendezvous {\n  enabled = true\n  token = \"sesame\"\n}\n";
  Machine rendezvous(offers, ports);
  std::vector<std::unique_ptr<Machine>> servers;
  for (int i = 0; i < 3; ++i) servers.push_back(std::make_unique<Machine>(server(i, 3, atlas(ports.http, "sesame"))));
  REQUIRE(form(servers));
  auto& first = servers[0]->agent;
  CHECK(first.says("Atlas: (Infrastructure: 'acme/prod' Join: true)"));
  CHECK(first.says("==> Connecting to Atlas: acme/prod"));

  // Without the token nobody gets in, and is told once.
  CHECK(rendezvous.agent.put("/v1/rendezvous", "{}").status == 403);
  Machine stranger(server(8, 0, atlas(ports.http, "open")));
  CHECK(stranger.agent.says("403: the token is not accepted"));

  // Lost, it delays new servers and nobody else; back, it knows nothing and is told.
  rendezvous.agent.signal(SIGKILL);
  rendezvous.agent.wait();
  Machine late(server(3, 0, atlas(ports.http, "sesame")));
  CHECK(late.agent.says("the rendezvous does not do as it is asked"));
  CHECK(writes(first, "without"));
  rendezvous.agent.start();
  CHECK(await([&] { return status_at(first, "s3.global") == "alive"; }, 60s));
  CHECK(late.agent.says("the rendezvous answers"));

  CHECK(stranger.agent.said("403: the token is not accepted") == 1);
  CHECK(status_at(first, "s8.global").empty());
  for (const auto* agent : {&first, &rendezvous.agent, &stranger.agent}) CHECK(agent->log().find("sesame") == std::string::npos);
}

TEST_CASE("one of the servers may be the rendezvous of all", "[integration][atlas]") {
  const auto ports = free_ports();
  std::vector<std::unique_ptr<Machine>> servers;
  for (int i = 0; i < 3; ++i)
    servers.push_back(std::make_unique<Machine>(server(i, 3, atlas(ports.http, "sesame") + (i == 0 ? "atlas_rendezvous {\n  enabled = true\n}\n" : "")), i == 0 ? ports : Ports{}));
  CHECK(form(servers));
}

TEST_CASE("an infrastructure without an endpoint is told of in the banner", "[integration][atlas]") {
  Machine lonely(server(0, 1, "atlas {\n  infrastructure = \"acme/prod\"\n  join = true\n}\n"));
  CHECK(lonely.agent.says("Atlas: (Infrastructure: 'acme/prod' Join: true), no endpoint: nobody is looked for"));
  CHECK(lonely.agent.said("==> Connecting to Atlas") == 0);
}

TEST_CASE("an agent that offers no rendezvous says so", "[integration][atlas]") {
  Machine server0(server(0, 1, ""));
  CHECK(await([&] { return server0.agent.put("/v1/rendezvous", "{}").status == 404; }));
}
