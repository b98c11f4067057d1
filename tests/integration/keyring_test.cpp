// SPDX-License-Identifier: MPL-2.0
// The keys of gossip on real servers: shown, changed while they work, kept over a start.
#include <catch2/catch.hpp>

#include <csignal>
#include <fstream>
#include <memory>
#include <sstream>

#include "tests/integration/gossip.h"
#include "tests/integration/servers.h"

using namespace integration;

namespace {

const std::string kFirst = "cg8StVXbQJ0gPvMd9o7yrg==", kSecond = "pUqJrVyVRj5jsiYEkM/tFQYfWyJIv4s3XkvDwy7Cu5s=";

std::string encrypt(const std::string& key) { return "  encrypt = \"" + key + "\"\n"; }

// Servers "s0.global" and so on with one key, that are given each other's gossip addresses.
class Keyed {
 public:
  explicit Keyed(int count, const std::string& key = kFirst) {
    std::vector<std::string> serfs;
    std::vector<Ports> ports;
    for (int i = 0; i < count; ++i) serfs.push_back(serf_of(ports.emplace_back(free_ports())));
    for (int i = 0; i < count; ++i) {
      directories_.push_back(std::make_unique<Directory>());
      servers_.push_back(std::make_unique<Agent>(Agent::Options{
          .arguments = {},
          .config = alone(node(i), "  bootstrap_expect = " + std::to_string(count) + "\n" + encrypt(key) + retry(serfs)),
          .data_dir = directories_.back()->path(),
          .ports = ports[static_cast<std::size_t>(i)]}));
    }
    for (auto& server : servers_) server->start();
  }
  static std::string node(int i) { return "s" + std::to_string(i); }
  static std::string name(int i) { return node(i) + ".global"; }
  int count() const { return static_cast<int>(servers_.size()); }
  Agent& operator[](int i) { return *servers_[static_cast<std::size_t>(i)]; }
  // All of them vote, and each takes every other one for alive.
  bool formed() {
    return await([this] {
      for (auto& server : servers_) {
        if (!server->running() || server->get("/v1/status/leader").status != 200) return false;
        const auto voters = peers(*server);
        if (std::count(voters.begin(), voters.end(), ':') != count()) return false;
      }
      return all_alive();
    });
  }
  bool all_alive() {
    for (auto& server : servers_)
      for (int i = 0; i < count(); ++i)
        if (status_at(*server, name(i)) != "alive") return false;
    return true;
  }
  // What a start would find.
  std::string kept(int i) {
    std::ifstream file(directories_[static_cast<std::size_t>(i)]->path() + "/server/serf.keyring");
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }
  void kill(int i) {
    (*this)[i].signal(SIGKILL);
    (*this)[i].wait();
  }

 private:
  std::vector<std::unique_ptr<Directory>> directories_;
  std::vector<std::unique_ptr<Agent>> servers_;
};

Ran keyring(const Agent& agent, const std::string& option) { return agent.cli({"operator", "keyring", option}); }
std::string told(const Ran& ran) { return ran.out + "|" + ran.err + "|" + std::to_string(ran.code); }

}  // namespace

TEST_CASE("of three servers one misses a new key: it is not used before that one has it, too", "[integration][gossip][keyring]") {
  Keyed servers(3);
  REQUIRE(servers.formed());
  servers.kill(2);
  REQUIRE(becomes(servers[0], Keyed::name(2), "failed"));
  CHECK_THAT(servers[0].put("/v1/agent/keyring/install", R"({"Key":")" + kSecond + "\"}").body, Catch::Contains("\"NumNodes\":2"));
  servers[2].start();
  REQUIRE(await([&] { return servers.all_alive(); }));
  const auto refused = servers[0].put("/v1/agent/keyring/use", R"({"Key":")" + kSecond + "\"}");
  CHECK(refused.status == 500);
  CHECK(refused.body == "1/3 nodes reported failure");
  CHECK(servers[0].says("server=s2.global error=\"requested key is not in the keyring\""));
  for (int i = 0; i < 3; ++i) CHECK_THAT(servers.kept(i), Catch::StartsWith("[\"" + kFirst));
  CHECK(keyring(servers[1], "-install=" + kSecond).code == 0);
  CHECK(keyring(servers[1], "-use=" + kSecond).code == 0);
  for (int i = 0; i < 3; ++i) CHECK_THAT(servers.kept(i), Catch::StartsWith("[\"" + kSecond));
  CHECK(servers.all_alive());
}

TEST_CASE("a key reaches the servers of every region", "[integration][gossip][keyring]") {
  Directory directories[2];
  Agent east({.arguments = {}, .config = "region = \"east\"\n" + alone("e", "  bootstrap_expect = 1\n" + encrypt(kFirst)), .data_dir = directories[0].path(), .ports = {}});
  Agent west({.arguments = {}, .config = "region = \"west\"\n" + alone("w", "  bootstrap_expect = 1\n" + encrypt(kFirst)), .data_dir = directories[1].path(), .ports = {}});
  for (auto* agent : {&east, &west}) agent->start();
  for (auto* agent : {&east, &west}) REQUIRE(await([&] { return agent->get("/v1/agent/self").status == 200; }));
  REQUIRE(west.cli({"server-join", serf_of(east.ports())}).code == 0);
  REQUIRE(becomes(east, "w.west", "alive"));
  CHECK(keyring(east, "-install=" + kSecond).code == 0);
  CHECK(keyring(west, "-use=" + kSecond).code == 0);
  CHECK(keyring(east, "-remove=" + kFirst).code == 0);
  CHECK(west.get("/v1/agent/keyring/list").body == R"({"Messages":{},"Keys":{")" + kSecond + R"(":2},"NumNodes":2})");
  CHECK(status_at(west, "e.east") == "alive");
}

TEST_CASE("RPC follows the keyring: clients need the new key's, and an agent's own client needs none", "[integration][keys][keyring]") {
  Directory directories[3];
  Agent both({.arguments = {},
              .config = alone("both", "  bootstrap_expect = 1\n" + encrypt(kFirst)) + "client {\n  enabled = true\n  network_interface = \"lo\"\n}\n",
              .data_dir = directories[0].path(),
              .ports = {}});
  both.start();
  REQUIRE(ready(both, 1));
  const auto client = [&](const std::string& name, const std::string& cluster, const Directory& directory) {
    const auto key = both.cli({"operator", "keygen", "-clients-of=" + cluster}).out;
    return Agent::Options{.arguments = {},
                          .config = "name = \"" + name + "\"\nclient {\n  enabled = true\n  network_interface = \"lo\"\n  servers = [\"" + rpc_of(both.ports()) +
                                    "\"]\n  rpc_key = \"" + key.substr(0, key.find('\n')) + "\"\n}\n",
                          .data_dir = directory.path(),
                          .ports = {}};
  };
  Agent fresh(client("fresh", kSecond, directories[1])), late(client("late", kFirst, directories[2]));
  CHECK(keyring(both, "-install=" + kSecond).code == 0);
  fresh.start();
  CHECK(ready(both, 2));
  CHECK(keyring(both, "-use=" + kSecond).code == 0);
  CHECK(keyring(both, "-remove=" + kFirst).code == 0);
  late.start();
  CHECK(both.says("peer does not know our cluster key"));
  both.signal(SIGTERM);
  both.wait();
  both.start();
  REQUIRE(await([&] { return both.get("/v1/agent/self").status == 200; }));
  CHECK(await([&] { return both.get("/v1/agent/servers").body.find(rpc_of(both.ports())) != std::string::npos && ready(both, 2); }));
  CHECK(both.get("/v1/nodes").body.find("\"late\"") == std::string::npos);
  CHECK(both.said("does it have another key?") == 0);
}

TEST_CASE("a damaged keyring keeps a server from starting, and is named", "[integration][keyring]") {
  Directory directory;
  Agent server({.arguments = {}, .config = alone("s0", "  bootstrap_expect = 1\n" + encrypt(kFirst)), .data_dir = directory.path(), .ports = {}});
  server.start();
  REQUIRE(await([&] { return server.get("/v1/agent/self").status == 200; }));
  server.signal(SIGKILL);
  server.wait();
  const auto path = directory.path() + "/server/serf.keyring";
  std::ofstream(path) << "[\"" + kFirst.substr(3);
  server.start();
  CHECK(server.wait() == 1);
  CHECK_THAT(server.log(), Catch::Contains("==> Error starting agent: server setup failed: " + path + ": not a keyring"));
  CHECK(server.said(kFirst.substr(3)) == 0);
}

TEST_CASE("an agent without encryption has no keyring, and says so as Nomad does", "[integration][keyring]") {
  Directory directory;
  Agent server({.arguments = {}, .config = alone("s0", "  bootstrap_expect = 1\n"), .data_dir = directory.path(), .ports = {}});
  server.start();
  REQUIRE(await([&] { return server.get("/v1/agent/self").status == 200; }));
  CHECK(told(keyring(server, "-list")) ==
        "Gathering installed encryption keys...\n|error: Unexpected response code: 500 (1/1 nodes reported failure)\n|1");
  CHECK(keyring(server, "-install=" + kSecond).code == 1);
  const auto made = server.cli({"operator", "keygen"});
  CHECK(made.code == 0);
  CHECK(made.out.size() == 45);
}
