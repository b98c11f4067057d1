// SPDX-License-Identifier: MPL-2.0
// Servers that come, go and move, each on a host of its own and found by gossip, while clients write and read
// registers: nothing that was acknowledged is lost, and who is back is who it was.
#include <catch2/catch.hpp>

#include <csignal>
#include <optional>
#include <string>
#include <vector>

#include "tests/integration/gossip.h"
#include "tests/integration/hosted.h"
#include "tests/integration/register_load.h"

using namespace integration;

namespace {

// Four that vote, written to and read: one of them, the leader or not, is to go and to be back as the same.
class OneOfFour {
 public:
  OneOfFour(Network& network, bool leads, const std::string& beside = "") : servers(network, {.servers = 4, .beside = beside}) {
    REQUIRE(servers.voters_become(4));
    who = leads ? servers.leader() : servers.follower();
    REQUIRE(who >= 0);
    by = servers.follower({who});
    before_ = servers.peer(by, servers.rpc(who));
    REQUIRE(before_);
    // Not through the one that goes: what it is asked while it stops, nobody may be able to answer.
    std::vector<int> others;
    for (int i = 0; i < 4; ++i)
      if (i != who) others.push_back(i);
    load.emplace(servers, others);
    REQUIRE(load->goes_on());
  }
  std::string name() const { return "s" + std::to_string(who) + ".global"; }
  void has_gone() {
    CHECK(servers.becomes_everywhere(who, "left"));
    CHECK(servers.voters_become(3));
    CHECK(load->goes_on());
  }
  void comes_back_as_the_same() {
    servers.start(who);
    CHECK(servers.becomes_everywhere(who, "alive"));
    CHECK(servers.voters_become(4));
    CHECK(servers.peer(by, servers.rpc(who)) == before_);
    CHECK(load->goes_on());
    CHECK(load->contradiction() == std::nullopt);
  }

  HostedServers servers;
  int who = -1, by = -1;
  std::optional<RegisterLoad> load;

 private:
  std::optional<Peer> before_;
};

}  // namespace

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

TEST_CASE("of four servers one leaves, no write fails, and it is back as the same", "[integration][membership][network]") {
  Network network(4);
  if (skipped(network.missing())) return;
  const bool leads = GENERATE(true, false);
  CAPTURE(leads);
  OneOfFour four(network, leads, "leave_on_interrupt = true\n");
  four.servers[four.who].signal(SIGINT);
  CHECK(four.servers[four.who].wait() == 0);
  four.has_gone();
  CHECK(four.load->not_acknowledged() == 0);
  four.comes_back_as_the_same();
}

TEST_CASE("of four servers one is killed and told off, and is back as the same", "[integration][membership][network]") {
  Network network(4);
  if (skipped(network.missing())) return;
  const bool leads = GENERATE(true, false);
  CAPTURE(leads);
  OneOfFour four(network, leads);
  four.servers.kill(four.who);
  CHECK(four.servers.becomes_everywhere(four.who, "failed"));
  CHECK(four.servers[four.by].cli({"server-force-leave", four.name()}).code == 0);
  four.has_gone();
  four.comes_back_as_the_same();
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
