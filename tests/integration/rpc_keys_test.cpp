// SPDX-License-Identifier: MPL-2.0
// A cluster with a key: who holds it is a server, who holds what follows from it a client, and nobody else is heard.
#include <catch2/catch.hpp>

#include <csignal>

#include "net/secure/credentials.h"
#include "tests/integration/gossip.h"
#include "tests/integration/servers.h"

using namespace integration;
namespace secure = net::secure;

namespace {

std::string key_line(const std::string& name, const std::string& key) { return "  " + name + " = \"" + key + "\"\n"; }

std::string client_key(const std::string& cluster) { return secure::format_key(secure::client_key_of(*secure::parse_key(cluster))); }

// A client-only agent of that server.
std::string client_of(const Agent& server, const std::string& name, const std::string& more) {
  return "name = \"" + name + "\"\nclient {\n  enabled = true\n  network_interface = \"lo\"\n  servers = [\"" + rpc_of(server.ports()) +
         "\"]\n  options = { \"driver.raw_exec.enable\" = \"true\" }\n" + more + "}\n";
}

// A server with a cluster key.
struct Keyed {
  explicit Keyed(const std::string& line = "encrypt")
      : key(secure::generate_key()),
        server({.arguments = {}, .config = alone("s0", "  bootstrap_expect = 1\n" + key_line(line, key)), .data_dir = data.path(), .ports = {}}) {
    server.start();
    REQUIRE(await([&] { return writes(server, "one"); }));
  }
  std::string key;
  Directory data;
  Agent server;
};

}  // namespace

TEST_CASE("a client with the clients' key runs what a keyed cluster gives it", "[integration][keys]") {
  Keyed keyed(GENERATE(std::string("encrypt"), std::string("rpc_key")));
  Directory directory;
  Agent client({.arguments = {}, .config = client_of(keyed.server, "c0", key_line("rpc_key", client_key(keyed.key))), .data_dir = directory.path(), .ports = {}});
  client.start();
  REQUIRE(ready(keyed.server, 1));
  CHECK(keyed.server.put("/v1/jobs", api_job("job", "sleep 600")).status == 200);
  CHECK(await([&] { return client_status(client, "job") == "running"; }));
  CHECK(keyed.server.remove("/v1/job/job?purge=true").status == 200);
  CHECK(await([] { return task_pid("job-marker") == 0; }));
}

TEST_CASE("an agent that is server and client needs no second key", "[integration][keys]") {
  Directory directory;
  Agent both({.arguments = {},
              .config = alone("both", "  bootstrap_expect = 1\n" + key_line("encrypt", secure::generate_key())) +
                        "client {\n  enabled = true\n  network_interface = \"lo\"\n}\n",
              .data_dir = directory.path(),
              .ports = {}});
  both.start();
  CHECK(ready(both, 1));
}

TEST_CASE("clients without the key, or with another, are refused and both sides are told", "[integration][keys]") {
  Keyed keyed;
  const auto [line, ours, theirs] = GENERATE_COPY(table<std::string, std::string, std::string>(
      {{"", "peer has a cluster key, we have none", "peer has no cluster key, we have one"},
       {key_line("rpc_key", client_key(secure::generate_key())), "does it have another key?", "peer does not know our cluster key"}}));
  Directory directory;
  Agent client({.arguments = {}, .config = client_of(keyed.server, "c0", line), .data_dir = directory.path(), .ports = {}});
  client.start();
  CHECK(client.says(ours));
  CHECK(keyed.server.says(theirs));
  CHECK(keyed.server.get("/v1/nodes").body == "[]");
}

TEST_CASE("who holds the clients' key is no server, to gossip and to RPC", "[integration][keys]") {
  Keyed keyed;
  Directory directory;
  Agent impostor({.arguments = {},
                  .config = alone("impostor", key_line("encrypt", client_key(keyed.key)) + "  static_peers = [\"" + rpc_of(keyed.server.ports()) + "\"]\n"),
                  .data_dir = directory.path(),
                  .ports = {}});
  impostor.start();
  CHECK(keyed.server.says("a server must hold the cluster's key, not the clients'"));
  CHECK(impostor.cli({"server-join", serf_of(keyed.server.ports())}).code == 1);
  CHECK(status_at(keyed.server, "impostor.global").empty());
  CHECK(peers(keyed.server) == "[\"" + rpc_of(keyed.server.ports()) + "\"]");
}

TEST_CASE("the keys of RPC change while server and client run", "[integration][keys]") {
  Keyed keyed("rpc_key");
  Directory directory;
  const auto config_with = [&](const std::string& key) { return client_of(keyed.server, "c0", key_line("rpc_key", client_key(key))); };
  Agent client({.arguments = {}, .config = config_with(keyed.key), .data_dir = directory.path(), .ports = {}});
  client.start();
  REQUIRE(ready(keyed.server, 1));
  REQUIRE(keyed.server.put("/v1/jobs", api_job("job", "sleep 600")).status == 200);
  REQUIRE(await([&] { return client_status(client, "job") == "running"; }));
  const auto pid = task_pid("job-marker");

  const auto fresh = secure::generate_key();
  keyed.server.configure(alone("s0", "  bootstrap_expect = 1\n  rpc_key = [\"" + fresh + "\", \"" + keyed.key + "\"]\n"));
  keyed.server.signal(SIGHUP);
  REQUIRE(keyed.server.says("other keys of RPC are configured: keys=2"));
  client.configure(config_with(fresh));
  client.signal(SIGHUP);
  REQUIRE(client.says("another key is configured"));

  // Connections are made anew, with a server that no longer knows the old key.
  keyed.server.configure(alone("s0", "  bootstrap_expect = 1\n" + key_line("rpc_key", fresh)));
  keyed.server.signal(SIGKILL);
  REQUIRE(keyed.server.wait() == -SIGKILL);
  keyed.server.start();
  REQUIRE(ready(keyed.server, 1));
  CHECK(keyed.server.put("/v1/jobs", api_job("next", "sleep 600")).status == 200);
  CHECK(await([&] { return client_status(client, "next") == "running"; }));
  CHECK(task_pid("job-marker") == pid);
  for (const std::string job : {"job", "next"}) {
    CHECK(keyed.server.remove("/v1/job/" + job + "?purge=true").status == 200);
    CHECK(await([&] { return task_pid(job + "-marker") == 0; }));
  }
}

TEST_CASE("a key cannot come to what has none, nor go, before a restart", "[integration][keys]") {
  Directory directory;
  Agent both({.arguments = {"-dev"}, .config = "", .data_dir = directory.path(), .ports = {}});
  both.start();
  REQUIRE(ready(both));
  both.configure("server {\n" + key_line("rpc_key", secure::generate_key()) + "}\nclient {\n" + key_line("rpc_key", secure::generate_key()) + "}\n");
  both.signal(SIGHUP);
  CHECK(both.says("server: whether RPC is encrypted stays as it is until a restart: encrypted=false"));
  CHECK(both.says("client: whether this client has a key of its own stays as it is until a restart: key=false"));
  CHECK(both.put("/v1/jobs", api_job("job", "exit 0")).status == 200);
}

TEST_CASE("encryption that is required and impossible is refused before the start", "[integration][keys]") {
  Directory directory;
  Agent server({.arguments = {}, .config = alone("s0", "  require_encryption = true\n"), .data_dir = directory.path(), .ports = {}});
  server.start();
  CHECK(server.wait() == 1);
  CHECK_THAT(server.log(), Catch::Contains("server.require_encryption is set, and there is no key"));
}
