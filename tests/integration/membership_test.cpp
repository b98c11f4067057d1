// SPDX-License-Identifier: MPL-2.0
// Servers that come, go and move, each on a host of its own and found by gossip, while clients write and read
// registers: nothing that was acknowledged is lost, and who is back is who it was.
#include <catch2/catch.hpp>

#include <csignal>

#include "tests/integration/gossip.h"
#include "tests/integration/hosted.h"
#include "tests/integration/register_load.h"

using namespace integration;

TEST_CASE("three servers form by gossip, two more join, and the newcomers' votes count", "[integration][membership][network]") {
  Network network(5);
  if (skipped(network.missing())) return;
  HostedServers servers(network, {.spare = 2});
  RegisterLoad load(servers, {0, 1, 2});
  REQUIRE(load.goes_on());
  for (int newcomer = 3; newcomer < 5; ++newcomer) {
    servers.start(newcomer);
    CHECK(servers.voters_become(newcomer + 1));
    CHECK(servers.becomes_everywhere(newcomer, "alive"));
    CHECK(load.goes_on());
  }
  const auto known = raft_peers(servers[0]);
  for (int i = 0; i < 5; ++i) CHECK(raft_peers(servers[i]) == known);
  // Two founders are gone, one of them led: what is left is a majority with the newcomers only.
  const int leader = servers.leader(), other = servers.follower({3, 4});
  REQUIRE(leader >= 0);
  servers.kill(leader);
  servers.kill(other);
  CHECK(load.goes_on());
  servers.start(leader);
  servers.start(other);
  CHECK(servers.becomes_everywhere(leader, "alive"));
  CHECK(servers.becomes_everywhere(other, "alive"));
  CHECK(load.contradiction() == std::nullopt);
}

TEST_CASE("of four servers one leaves, and is back as the same", "[integration][membership][network]") {
  Network network(4);
  if (skipped(network.missing())) return;
  HostedServers servers(network, {.servers = 4, .beside = "leave_on_interrupt = true\n"});
  REQUIRE(servers.voters_become(4));
  const bool leads = GENERATE(true, false);
  CAPTURE(leads);
  const int who = leads ? servers.leader() : servers.follower(), by = servers.follower({who});
  REQUIRE(who >= 0);
  RegisterLoad load(servers);
  const auto before = servers.peer(by, servers.rpc(who));
  REQUIRE(before);
  servers[who].signal(SIGINT);
  CHECK(servers[who].wait() == 0);
  CHECK(servers.becomes_everywhere(who, "left"));
  CHECK(servers.voters_become(3));
  CHECK(load.goes_on());
  servers.start(who);
  CHECK(servers.becomes_everywhere(who, "alive"));
  CHECK(servers.voters_become(4));
  CHECK(servers.peer(by, servers.rpc(who)) == before);
  CHECK(load.goes_on());
  CHECK(load.contradiction() == std::nullopt);
}

TEST_CASE("of four servers one is killed and told off, and is back as the same", "[integration][membership][network]") {
  Network network(4);
  if (skipped(network.missing())) return;
  HostedServers servers(network, {.servers = 4});
  REQUIRE(servers.voters_become(4));
  const bool leads = GENERATE(true, false);
  CAPTURE(leads);
  const int who = leads ? servers.leader() : servers.follower(), by = servers.follower({who});
  REQUIRE(who >= 0);
  RegisterLoad load(servers);
  const auto before = servers.peer(by, servers.rpc(who));
  REQUIRE(before);
  servers.kill(who);
  CHECK(servers.becomes_everywhere(who, "failed"));
  CHECK(servers[by].cli({"server-force-leave", "s" + std::to_string(who) + ".global"}).code == 0);
  CHECK(servers.becomes_everywhere(who, "left"));
  CHECK(servers.voters_become(3));
  CHECK(load.goes_on());
  servers.start(who);
  CHECK(servers.becomes_everywhere(who, "alive"));
  CHECK(servers.voters_become(4));
  CHECK(servers.peer(by, servers.rpc(who)) == before);
  CHECK(load.goes_on());
  CHECK(load.contradiction() == std::nullopt);
}

TEST_CASE("a server whose host has another address is the same server, and votes", "[integration][membership][network]") {
  Network network(3);
  if (skipped(network.missing())) return;
  HostedServers servers(network);
  REQUIRE(servers.voters_become(3));
  const bool leads = GENERATE(true, false);
  CAPTURE(leads);
  const int who = leads ? servers.leader() : servers.follower();
  REQUIRE(who >= 0);
  const int by = (who + 1) % 3, other = (who + 2) % 3;
  RegisterLoad load(servers, {by, other});
  const auto before = servers.peer(by, servers.rpc(who));
  REQUIRE(before);
  servers.kill(who);
  REQUIRE(load.goes_on());
  servers.readdress(who);
  servers.start(who);
  const auto after = servers.peer(by, servers.rpc(who));
  REQUIRE(after);
  CHECK(after->id == before->id);
  CHECK(after->node == before->node);
  CHECK(after->address != before->address);
  CHECK(servers.becomes_everywhere(who, "alive"));
  CHECK(servers.voters_become(3));
  for (const int i : {who, by, other}) CHECK(await([&] { return peers(servers[i]).find(before->address) == std::string::npos; }));
  // Of the other two one is gone: nothing is written without the vote of the one that moved.
  servers.kill(other);
  CHECK(load.goes_on());
  servers.start(other);
  CHECK(servers.becomes_everywhere(other, "alive"));
  CHECK(load.contradiction() == std::nullopt);
}

TEST_CASE("a dead server is replaced by another on another host", "[integration][membership][network]") {
  const bool by_autopilot = GENERATE(true, false);
  CAPTURE(by_autopilot);
  Network network(4);
  if (skipped(network.missing())) return;
  HostedServers servers(network, {.spare = 1, .beside = by_autopilot ? "autopilot {\n  server_stabilization_time = \"1s\"\n}\n" : ""});
  REQUIRE(servers.voters_become(3));
  RegisterLoad load(servers);
  const int dead = servers.leader(), other = servers.follower({dead}), last = servers.follower({dead, other}), fresh = 3;
  REQUIRE(dead >= 0);
  const auto before = servers.peer(other, servers.rpc(dead));
  REQUIRE(before);
  servers.kill(dead);
  REQUIRE(load.goes_on());
  if (!by_autopilot) {
    const auto removed = servers[other].cli({"operator", "raft", "remove-peer", "-peer-address=" + servers.rpc(dead)});
    CAPTURE(removed.err);
    CHECK(removed.code == 0);
  }
  CHECK(servers.voters_become(2));
  servers.start(fresh);
  CHECK(servers.voters_become(3));
  const auto after = servers.peer(other, servers.rpc(fresh));
  REQUIRE(after);
  CHECK(after->id != before->id);
  // Nothing is written without the new one's vote.
  servers.kill(last);
  CHECK(load.goes_on());
  servers.start(last);
  CHECK(servers.becomes_everywhere(last, "alive"));
  CHECK(load.contradiction() == std::nullopt);
}
