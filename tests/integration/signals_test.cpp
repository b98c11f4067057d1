// SPDX-License-Identifier: MPL-2.0
// How an agent stops, leaves, and looks at its configuration again.
#include <signal.h>

#include <catch2/catch.hpp>

#include "tests/integration/cluster.h"
#include "tests/integration/jobs.h"

using namespace integration;

namespace {

const std::string kServer =
    "server {\n  enabled = true\n  bootstrap_expect = 1\n  min_heartbeat_ttl = \"60s\"\n  heartbeat_grace = \"60s\"\n}\n";
const std::string kLeave = "leave_on_interrupt = true\nleave_on_terminate = true\n";

std::string client_config(const Agent& server, const std::string& more = "") {
  return more + "client {\n  enabled = true\n  network_interface = \"lo\"\n  servers = [\"127.0.0.1:" + std::to_string(server.ports().rpc) +
         "\"]\n  options = { \"driver.raw_exec.enable\" = \"true\" }\n}\n";
}

bool elected(const Agent& agent) {
  return await([&] { return agent.get("/v1/status/leader").body.size() > 2; });
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("SIGINT and SIGTERM stop a server and a client at once, with exit code 1 and no leave", "[integration][lifecycle]") {
  Directory server_data, client_data;
  Agent server({.arguments = {}, .config = kServer, .data_dir = server_data.path(), .ports = {}});
  Agent client({.arguments = {}, .config = client_config(server), .data_dir = client_data.path(), .ports = {}});
  server.start();
  client.start();
  REQUIRE(ready(server, 1));
  const auto [number, name] = GENERATE(std::pair{SIGINT, "interrupt"}, std::pair{SIGTERM, "terminated"});
  client.signal(number);
  CHECK(client.wait() == 1);
  CHECK(has(client.log(), std::string("==> Caught signal: ") + name));
  CHECK_FALSE(has(client.log(), "Gracefully shutting down"));
  CHECK(has(server.get("/v1/nodes").body, "\"Status\":\"ready\""));  // as for a crash: the heartbeat will tell
  server.signal(number);
  CHECK(server.wait() == 1);
  CHECK(has(server.log(), std::string("==> Caught signal: ") + name));
}

TEST_CASE("a client that leaves is down at once and its work is placed elsewhere", "[integration][lifecycle]") {
  Directory server_data, first_data, second_data;
  Agent server({.arguments = {}, .config = kServer, .data_dir = server_data.path(), .ports = {}});
  Agent first({.arguments = {}, .config = client_config(server, kLeave), .data_dir = first_data.path(), .ports = {}});
  Agent second({.arguments = {}, .config = client_config(server), .data_dir = second_data.path(), .ports = {}});
  server.start();
  first.start();
  REQUIRE(ready(server, 1));
  REQUIRE(server.put("/v1/jobs", api_job("leaver", "while :; do sleep 1; done")).status == 200);
  REQUIRE(await([&] { return client_status(server, "leaver") == "running"; }));
  second.start();
  REQUIRE(ready(server, 2));
  const auto number = GENERATE(SIGINT, SIGTERM);
  CAPTURE(number);
  first.signal(number);
  CHECK(first.wait() == 0);
  CHECK(has(first.log(), "==> Gracefully shutting down agent..."));
  CHECK(has(server.get("/v1/nodes").body, "\"Status\":\"down\""));  // though its heartbeat is not due for a minute
  CHECK(await([&] {
    const auto body = server.get("/v1/job/leaver/allocations").body;
    return has(body, "\"ClientStatus\":\"lost\"") && client_status(server, "leaver") == "running";
  }));
  // It comes back, is ready again, and gives up what was placed elsewhere meanwhile.
  first.start();
  CHECK(ready(server, 2));
  server.remove("/v1/job/leaver?purge=true");
  CHECK(await([] { return task_pid("leaver-marker") == 0; }));
}

TEST_CASE("a client that is to drain on shutdown leaves when its work has moved, and takes work when it returns", "[integration][lifecycle]") {
  Directory server_data, first_data, second_data;
  Agent server({.arguments = {}, .config = kServer, .data_dir = server_data.path(), .ports = {}});
  auto config = client_config(server, kLeave);
  config.insert(config.rfind('}'), "  drain_on_shutdown {\n    deadline = \"30s\"\n  }\n");
  Agent first({.arguments = {}, .config = config, .data_dir = first_data.path(), .ports = {}});
  Agent second({.arguments = {}, .config = client_config(server), .data_dir = second_data.path(), .ports = {}});
  server.start();
  first.start();
  REQUIRE(ready(server, 1));
  REQUIRE(server.put("/v1/jobs", api_job("mover", "while :; do sleep 1; done")).status == 200);
  REQUIRE(await([&] { return client_status(server, "mover") == "running"; }));
  second.start();
  REQUIRE(ready(server, 2));
  first.signal(SIGTERM);
  CHECK(first.wait() == 0);
  CHECK(has(first.log(), "draining this node before it leaves"));
  CHECK(has(server.get("/v1/nodes").body, "\"Status\":\"down\""));
  // It was moved, not lost: when the node is gone the work has been elsewhere for a while.
  CHECK(client_status(server, "mover") == "running");
  CHECK_FALSE(has(server.get("/v1/job/mover/allocations").body, "\"ClientStatus\":\"lost\""));
  first.start();
  CHECK(ready(server, 2));
  CHECK(await([&] { return !has(server.get("/v1/nodes").body, "\"ineligible\""); }));
  server.remove("/v1/job/mover?purge=true");
  CHECK(await([] { return task_pid("mover-marker") == 0; }));
}

TEST_CASE("a client that cannot reach a server to leave gives up in time", "[integration][lifecycle]") {
  Directory server_data, client_data;
  Agent server({.arguments = {}, .config = kServer, .data_dir = server_data.path(), .ports = {}});
  Agent client({.arguments = {}, .config = client_config(server, kLeave), .data_dir = client_data.path(), .ports = {}});
  server.start();
  client.start();
  REQUIRE(ready(server, 1));
  server.signal(SIGSTOP);
  client.signal(SIGINT);
  SECTION("by itself") { CHECK(client.wait() == 1); }
  SECTION("at the second signal, at once") {
    REQUIRE(client.says("Gracefully shutting down"));
    client.signal(SIGINT);
    CHECK(client.wait() == 1);
  }
  server.signal(SIGCONT);
}

TEST_CASE("a server that leaves ends with 0, and has everything when it comes back", "[integration][lifecycle]") {
  Directory data;
  Agent server({.arguments = {}, .config = kLeave + kServer, .data_dir = data.path(), .ports = {}});
  server.start();
  REQUIRE(elected(server));
  REQUIRE(server.put("/v1/jobs", api_job("kept", "exit 0")).status == 200);
  server.signal(GENERATE(SIGINT, SIGTERM));
  CHECK(server.wait() == 0);
  CHECK(has(server.log(), "==> Gracefully shutting down agent..."));
  server.start();
  REQUIRE(elected(server));
  CHECK(server.get("/v1/job/kept").status == 200);
}

TEST_CASE("SIGHUP applies log level and leave settings, names what needs a restart, and keeps all after a mistake", "[integration][lifecycle]") {
  Directory data;
  Agent server({.arguments = {}, .config = "log_level = \"WARN\"\n" + kServer, .data_dir = data.path(), .ports = {}});
  server.start();
  REQUIRE(elected(server));
  CHECK_FALSE(has(server.log(), "[INFO]"));

  server.configure("log_level = \"LOUD\"\n" + kServer);
  server.signal(SIGHUP);
  CHECK(server.says("==> Failed to reload configs"));
  CHECK(server.says("Invalid log level: LOUD"));

  server.configure("log_level = \n");
  server.signal(SIGHUP);
  CHECK(await([&] { return server.said("==> Failed to reload configs") == 2; }));
  CHECK(server.says("agent.hcl:"));

  server.configure("log_level = \"DEBUG\"\ndatacenter = \"moon\"\nbind_addr = \"127.0.0.2\"\n" + kLeave + kServer);
  server.signal(SIGHUP);
  CHECK(server.says("==> Reloading configuration..."));
  CHECK(server.says("[INFO]  agent: configuration reloaded: log_level=DEBUG"));
  CHECK(server.says("==> WARNING: changed, but only a restart applies it: Datacenter, BindAddr"));
  CHECK(server.get("/v1/jobs").status == 200);
  server.signal(SIGTERM);
  CHECK(server.wait() == 0);
}

TEST_CASE("SIGPIPE is harmless", "[integration][lifecycle]") {
  Directory data;
  Agent server({.arguments = {}, .config = kServer, .data_dir = data.path(), .ports = {}});
  server.start();
  REQUIRE(elected(server));
  server.signal(SIGPIPE);
  CHECK(server.put("/v1/jobs", api_job("after", "exit 0")).status == 200);
  CHECK(server.running());
}

TEST_CASE("an agent starts right behind one that was killed, in its directory and on its ports", "[integration][lifecycle]") {
  Directory data;
  Agent agent({.arguments = {"-dev"}, .config = "", .data_dir = data.path(), .ports = {}});
  agent.start();
  REQUIRE(ready(agent));
  REQUIRE(agent.put("/v1/jobs", api_job("kept", "exit 0")).status == 200);
  agent.signal(SIGKILL);
  REQUIRE(agent.wait() == -SIGKILL);
  agent.start();
  CHECK(ready(agent));
  CHECK(agent.get("/v1/job/kept").status == 200);
  CHECK_FALSE(has(agent.log(), "in use"));
}
