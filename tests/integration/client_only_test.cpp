// SPDX-License-Identifier: MPL-2.0
// An agent that is only a client: it answers the API by asking its servers, and outlives them.
#include <signal.h>

#include <catch2/catch.hpp>

#include "tests/integration/cluster.h"
#include "tests/integration/jobs.h"

using namespace integration;

namespace {

constexpr const char* kServer =
    "server {\n  enabled = true\n  bootstrap_expect = 1\n  min_heartbeat_ttl = \"1s\"\n  heartbeat_grace = \"5s\"\n}\n";

struct Pair {
  // `servers`: HCL strings; PORT stands for the server's RPC port.
  explicit Pair(std::string servers = "\"127.0.0.1:PORT\"")
      : server({.arguments = {}, .config = kServer, .data_dir = server_data.path(), .ports = {}}),
        client({.arguments = {}, .config = config(std::move(servers)), .data_dir = client_data.path(), .ports = {}}) {}
  std::string config(std::string servers) const {
    for (auto at = servers.find("PORT"); at != std::string::npos; at = servers.find("PORT"))
      servers.replace(at, 4, std::to_string(server.ports().rpc));
    return "log_level = \"DEBUG\"\nclient {\n  enabled = true\n  network_interface = \"lo\"\n  servers = [" + servers + "]\n  options = { \"driver.raw_exec.enable\" = \"true\" }\n}\n";
  }
  Directory server_data, client_data;
  Agent server, client;
};

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a client's own API reads and writes through its servers", "[integration][client]") {
  Pair pair;
  pair.server.start();
  pair.client.start();
  REQUIRE(ready(pair.client, 1));  // asked of the client
  const auto self = pair.client.get("/v1/agent/self");
  CHECK(self.status == 200);
  CHECK(has(self.body, "\"known_servers\":\"127.0.0.1:" + std::to_string(pair.server.ports().rpc) + "\""));
  CHECK(pair.client.put("/v1/jobs", api_job("through", "while :; do sleep 1; done")).status == 200);
  CHECK(await([&] { return client_status(pair.client, "through") == "running"; }));
  CHECK(pair.server.get("/v1/job/through").body == pair.client.get("/v1/job/through").body);
  CHECK(pair.client.get("/v1/status/leader").body == pair.server.get("/v1/status/leader").body);
  CHECK(pair.client.get("/v1/agent/health").status == 200);
  // Refusals come through as they are.
  CHECK(pair.client.get("/v1/job/none").status == 404);
  CHECK(pair.client.get("/v1/job/none").body == "job not found");
  CHECK(pair.client.put("/v1/jobs", R"({"Job":{"ID":"a b","TaskGroups":[]}})").status == 500);
  CHECK(pair.client.put("/v1/node/none/drain", R"({"DrainSpec":null})").body == "node not found");
  CHECK(has(pair.client.get("/v1/agent/servers").body, std::to_string(pair.server.ports().rpc)));
  CHECK(pair.client.remove("/v1/job/through?purge=true").status == 200);
  CHECK(await([] { return task_pid("through-marker") == 0; }));
}

TEST_CASE("a client without its servers says so, keeps its tasks, and is back with them", "[integration][client]") {
  Pair pair;
  pair.server.start();
  pair.client.start();
  const bool first = ready(pair.server, 1);
  CAPTURE(pair.server.log(), pair.client.log());
  REQUIRE(first);
  REQUIRE(pair.server.put("/v1/jobs", api_job("stays", "while :; do sleep 1; done")).status == 200);
  REQUIRE(await([&] { return client_status(pair.server, "stays") == "running"; }));
  const auto pid = task_pid("stays-marker");
  pair.server.signal(SIGKILL);
  REQUIRE(pair.server.wait() == -SIGKILL);
  const auto refused = pair.client.get("/v1/jobs");
  CHECK(refused.status == 500);
  CHECK(has(refused.body, "127.0.0.1:" + std::to_string(pair.server.ports().rpc)));
  const auto written = pair.client.put("/v1/jobs", api_job("lost", "exit 0"));
  CHECK(written.status == 500);
  CHECK(pair.client.get("/v1/agent/self").status == 200);
  CHECK(pair.client.running());
  pair.server.start();
  CHECK(ready(pair.server, 1));
  CHECK(await([&] { return pair.client.get("/v1/jobs").status == 200; }));
  CHECK(client_status(pair.client, "stays") == "running");
  CHECK(task_pid("stays-marker") == pid);
  CHECK(pair.server.get("/v1/job/lost").status == 404);
  // It hears of new work again.
  CHECK(pair.client.put("/v1/jobs", api_job("new", "exit 0")).status == 200);
  CHECK(await([&] { return client_status(pair.server, "new") == "complete"; }));
  pair.server.remove("/v1/job/stays?purge=true");
  CHECK(await([] { return task_pid("stays-marker") == 0; }));
}

TEST_CASE("a client that starts before its server finds it", "[integration][client]") {
  Pair pair;
  pair.client.start();
  REQUIRE(await([&] { return pair.client.get("/v1/agent/self").status == 200; }));
  CHECK(pair.client.get("/v1/jobs").status == 500);
  pair.server.start();
  const bool found = ready(pair.server, 1);
  CAPTURE(pair.server.log(), pair.client.log());
  CHECK(found);
}

TEST_CASE("servers may be given by name", "[integration][client]") {
  Pair pair("\"localhost:PORT\"");
  pair.server.start();
  pair.client.start();
  CHECK(ready(pair.server, 1));
  CHECK(has(pair.client.get("/v1/agent/servers").body, "127.0.0.1:" + std::to_string(pair.server.ports().rpc)));
  SECTION("and set by name while it runs") {
    const auto port = std::to_string(pair.server.ports().rpc);
    CHECK(pair.client.put("/v1/agent/servers?address=localhost:" + port, "").status == 200);
    CHECK(await([&] { return has(pair.client.get("/v1/agent/servers").body, "127.0.0.1:" + port); }));
    CHECK(pair.client.get("/v1/jobs").status == 200);
    CHECK(pair.client.put("/v1/agent/servers?address=localhost:many", "").status == 400);
    CHECK(pair.client.get("/v1/jobs").status == 200);
  }
}

TEST_CASE("a server whose name cannot be looked up is named once, and the others are used", "[integration][client]") {
  Pair pair("\"no-such-host.invalid:4647\", \"127.0.0.1:PORT\"");
  pair.server.start();
  pair.client.start();
  CHECK(ready(pair.server, 1));
  CHECK(pair.client.says("cannot look up server: name=no-such-host.invalid"));
  CHECK(pair.client.said("cannot look up server") == 1);
}

TEST_CASE("a server address that is none is refused at the start", "[integration][client][input]") {
  Pair pair("\"localhost:many\"");
  pair.client.start();
  CHECK(pair.client.wait() == 1);
  CHECK(has(pair.client.log(), "localhost:many"));
}
