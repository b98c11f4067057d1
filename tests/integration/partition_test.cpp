// SPDX-License-Identifier: MPL-2.0
// Three servers on hosts of their own, under load, while they are killed, paused and cut off. Whatever
// happens: no acknowledged write is lost, and some order of all operations explains what clients saw.
#include <catch2/catch.hpp>

#include <csignal>
#include <random>

#include "tests/integration/hosted.h"
#include "tests/integration/register_load.h"

using namespace integration;

namespace {

constexpr int kServers = 3;
const Hosting kListed{.listed = true};

}  // namespace

TEST_CASE("a hundred kills of whichever server lose nothing that was acknowledged", "[integration][servers][network]") {
  Network network(kServers);
  if (skipped(network.missing())) return;
  HostedServers servers(network, kListed);
  RegisterLoad load(servers);
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
  if (skipped(network.missing())) return;
  HostedServers servers(network, kListed);
  RegisterLoad load(servers);
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
  if (skipped(network.missing())) return;
  HostedServers servers(network, kListed);
  RegisterLoad load(servers);
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
  if (skipped(network.missing())) return;
  HostedServers servers(network, kListed);
  const int leader = servers.leader(), apart = (leader + 1) % kServers;
  const auto term = [&] { return servers[leader].get("/v1/agent/self?stale").body; };
  const auto number = [](const std::string& body) { return body.substr(body.find("\"term\":"), 14); };
  const auto before = number(term());
  network.isolate(apart);
  // It has begun to look for a leader, and goes on with that while others write.
  REQUIRE(await([&] { return servers.leader_seen_by(apart) < 0; }));
  RegisterLoad load(servers);
  REQUIRE(load.goes_on(20));
  network.heal();
  REQUIRE(await([&] { return servers.leader_seen_by(apart) == leader; }));
  CHECK(servers.leader() == leader);
  CHECK(number(term()) == before);
  CHECK(load.contradiction() == std::nullopt);
}
