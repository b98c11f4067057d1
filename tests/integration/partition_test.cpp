// SPDX-License-Identifier: MPL-2.0
// Three servers on hosts of their own, under load, while they are killed, paused and cut off. Whatever
// happens: no acknowledged write is lost, and some order of all operations explains what clients saw.
#include <catch2/catch.hpp>

#include <atomic>
#include <csignal>
#include <iostream>
#include <memory>
#include <random>
#include <thread>

#include "tests/integration/cluster.h"
#include "tests/integration/network.h"
#include "tests/integration/register_history.h"

using namespace integration;
using namespace std::chrono_literals;

namespace {

constexpr int kServers = 3;
constexpr Ports kPorts{4646, 4647, 4648};

std::string config(int self) {
  std::string peers;
  for (int i = 0; i < kServers; ++i) peers += (i == 0 ? "\"" : ", \"") + Network::address(i) + ":4647\"";
  return "bind_addr = \"" + Network::address(self) + "\"\nserver {\n  enabled = true\n  bootstrap_expect = 3\n  static_peers = [" + peers + "]\n}\n";
}

class Servers {
 public:
  explicit Servers(Network& network) : network_(network) {
    for (int i = 0; i < kServers; ++i)
      servers_.push_back(std::make_unique<Agent>(Agent::Options{.arguments = {}, .config = config(i), .data_dir = directories_[i].path(),
                                                                .ports = kPorts, .host = Network::address(i), .patience = 3s}));
    for (int i = 0; i < kServers; ++i) start(i);
    REQUIRE(await([this] { return leader() >= 0; }));
  }
  ~Servers() {
    for (auto& server : servers_)
      if (server->pid() > 0) server->signal(SIGCONT);
  }
  Agent& operator[](int i) { return *servers_[static_cast<std::size_t>(i)]; }
  void start(int i) {
    network_.on_host(i, [&] { (*this)[i].start(); });
  }
  void kill(int i) {
    (*this)[i].signal(SIGKILL);
    (*this)[i].wait();
  }
  // Whom that server holds for the leader; -1: nobody, or it does not answer.
  int leader_seen_by(int i) {
    const auto answer = (*this)[i].get("/v1/status/leader?stale").body;
    for (int named = 0; named < kServers; ++named)
      if (answer == "\"" + Network::address(named) + ":4647\"") return named;
    return -1;
  }
  // Whom a majority holds for the leader.
  int leader() {
    int votes[kServers] = {};
    for (int i = 0; i < kServers; ++i)
      if ((*this)[i].pid() > 0)
        if (const int seen = leader_seen_by(i); seen >= 0 && ++votes[seen] * 2 > kServers) return seen;
    return -1;
  }

 private:
  Network& network_;
  Directory directories_[kServers];
  std::vector<std::unique_ptr<Agent>> servers_;
};

std::string job(const std::string& id, std::uint64_t value) {
  return R"({"Job":{"ID":")" + id + R"(","Name":")" + id + R"(","Type":"batch","Datacenters":["dc1"],"Meta":{"value":")" + std::to_string(value) +
         R"("},"TaskGroups":[{"Name":"g","Count":0,"Tasks":[{"Name":"t","Driver":"raw_exec","Config":{"command":"/bin/true"},)" +
         R"("Resources":{"CPU":20,"MemoryMB":16}}]}]}})";
}

// The value that a job's answer carries; 0: there is no job; nothing: no answer that says.
std::optional<std::uint64_t> value_in(const HttpAnswer& answer) {
  if (answer.status == 404) return 0;
  const auto at = answer.body.find("\"value\":\"");
  if (answer.status != 200 || at == std::string::npos) return std::nullopt;
  return std::stoull(answer.body.substr(at + 9));
}

// Clients that write and read a few jobs through whichever server, until told to stop.
class Load {
 public:
  explicit Load(Servers& servers) : servers_(servers) {
    for (int i = 0; i < kClients; ++i) clients_.emplace_back([this, i] { work(i); });
  }
  ~Load() { stop(); }
  void stop() {
    stopping_ = true;
    for (auto& client : clients_)
      if (client.joinable()) client.join();
  }
  std::uint64_t acknowledged() const { return acknowledged_; }
  // Until so many more writes were acknowledged.
  bool goes_on(std::uint64_t more = 10) const {
    const auto enough = acknowledged_ + more;
    return await([&] { return acknowledged_ >= enough; }, 60s);
  }
  // Reads every job once more, then judges.
  std::optional<std::string> contradiction() {
    stop();
    for (int key = 0; key < kKeys; ++key)
      for (int i = 0; i < kServers; ++i) read(i, "register-" + std::to_string(key));
    return integration::contradiction(history_.all());
  }

 private:
  static constexpr int kClients = 4, kKeys = 6;

  void work(int number) {
    std::mt19937 random(static_cast<unsigned>(number));
    while (!stopping_) {
      const int server = static_cast<int>(random() % kServers);
      const auto key = "register-" + std::to_string(random() % kKeys);
      if (random() % 2 == 0) write(server, key);
      else read(server, key);
    }
  }
  void write(int server, const std::string& key) {
    Operation operation{.key = key, .write = true, .value = ++last_value_, .called = Operation::Time::clock::now(), .returned = {}};
    const auto answer = servers_[server].put("/v1/jobs", job(key, operation.value));
    // Without a 200 it may have happened.
    if (answer.status == 200) {
      operation.returned = Operation::Time::clock::now();
      ++acknowledged_;
    }
    history_.add(std::move(operation));
  }
  void read(int server, const std::string& key) {
    Operation operation{.key = key, .write = false, .value = 0, .called = Operation::Time::clock::now(), .returned = {}};
    const auto value = value_in(servers_[server].get("/v1/job/" + key));
    if (!value) return;
    operation.value = *value;
    operation.returned = Operation::Time::clock::now();
    history_.add(std::move(operation));
  }

  Servers& servers_;
  RegisterHistory history_;
  std::atomic<bool> stopping_ = false;
  std::atomic<std::uint64_t> last_value_ = 0, acknowledged_ = 0;
  std::vector<std::thread> clients_;
};

// Says so and ends the test where there are no network namespaces.
bool skipped(const Network& network) {
  if (network.missing().empty()) return false;
  std::cout << "skipped: " << network.missing() << "\n";
  return true;
}

}  // namespace

TEST_CASE("a hundred kills of whichever server lose nothing that was acknowledged", "[integration][servers][network]") {
  Network network(kServers);
  if (skipped(network)) return;
  Servers servers(network);
  Load load(servers);
  std::mt19937 random(7);
  for (int round = 0; round < 100; ++round) {
    CAPTURE(round);
    const int victim = static_cast<int>(random() % kServers);
    servers.kill(victim);
    REQUIRE(load.goes_on(3));
    servers.start(victim);
    REQUIRE(await([&] { return servers.leader_seen_by(victim) >= 0; }));
  }
  CHECK(load.contradiction() == std::nullopt);
}

TEST_CASE("a leader that is paused serves nothing old when it goes on", "[integration][servers][network]") {
  Network network(kServers);
  if (skipped(network)) return;
  Servers servers(network);
  Load load(servers);
  for (int round = 0; round < 5; ++round) {
    CAPTURE(round);
    REQUIRE(await([&] { return servers.leader() >= 0; }));
    const int paused = servers.leader(), other = (paused + 1) % kServers;
    servers[paused].signal(SIGSTOP);
    REQUIRE(await([&] { return servers.leader_seen_by(other) >= 0 && servers.leader_seen_by(other) != paused; }));
    REQUIRE(load.goes_on());
    servers[paused].signal(SIGCONT);
    REQUIRE(load.goes_on());
  }
  CHECK(load.contradiction() == std::nullopt);
}

TEST_CASE("a leader that hears but is not heard is replaced, and one that is heard but hears nothing gives up", "[integration][servers][network]") {
  Network network(kServers);
  if (skipped(network)) return;
  Servers servers(network);
  Load load(servers);
  for (int round = 0; round < 4; ++round) {
    CAPTURE(round);
    REQUIRE(await([&] { return servers.leader() >= 0; }));
    const int cut = servers.leader();
    for (int other = 0; other < kServers; ++other) {
      if (other == cut) continue;
      if (round % 2 == 0) network.cut(cut, other);
      else network.cut(other, cut);
    }
    REQUIRE(await([&] {
      const int now = servers.leader();
      return now >= 0 && now != cut;
    }));
    REQUIRE(load.goes_on());
    network.heal();
    REQUIRE(load.goes_on());
    REQUIRE(await([&] { return servers.leader_seen_by(cut) == servers.leader(); }));
  }
  CHECK(load.contradiction() == std::nullopt);
}

TEST_CASE("a server that was cut off for a while does not depose the leader when it is back", "[integration][servers][network]") {
  Network network(kServers);
  if (skipped(network)) return;
  Servers servers(network);
  const int leader = servers.leader(), apart = (leader + 1) % kServers;
  const auto term = [&] { return servers[leader].get("/v1/agent/self?stale").body; };
  const auto number = [](const std::string& body) { return body.substr(body.find("\"term\":"), 14); };
  const auto before = number(term());
  network.isolate(apart);
  // It has begun to look for a leader, and goes on with that while others write.
  REQUIRE(await([&] { return servers.leader_seen_by(apart) < 0; }));
  Load load(servers);
  REQUIRE(load.goes_on(20));
  network.heal();
  REQUIRE(await([&] { return servers.leader_seen_by(apart) == leader; }));
  CHECK(servers.leader() == leader);
  CHECK(number(term()) == before);
  CHECK(load.contradiction() == std::nullopt);
}
