// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "tests/support/raft_builder.h"
#include "tests/support/raft_cluster.h"
#include "tests/support/raft_printers.h"

using namespace core::raft;
using core::Errc;
using core::Index;
using core::Term;
using test::RaftCluster;
using test::server;
using namespace std::chrono_literals;

namespace {

const PeerChangeDone* done(const RaftCluster& cluster, std::uint64_t ticket) {
  const auto* outcome = cluster.outcome(ticket);
  return outcome == nullptr ? nullptr : std::get_if<PeerChangeDone>(outcome);
}

bool succeeds(RaftCluster& cluster, std::uint64_t ticket) {
  return cluster.run_until([&]() { return done(cluster, ticket) != nullptr; }) &&
         done(cluster, ticket)->status.ok();
}

Errc refusal(const RaftCluster& cluster, std::uint64_t ticket) {
  REQUIRE(done(cluster, ticket) != nullptr);
  REQUIRE_FALSE(done(cluster, ticket)->status.ok());
  return done(cluster, ticket)->status.error().code;
}

}  // namespace

TEST_CASE("a new voter catches up as a non-voter before it counts", "[raft][raft-4.2.1]") {
  RaftCluster cluster({});
  cluster.start(3);
  const auto leader = cluster.elect();
  for (int i = 0; i < 200; ++i) cluster.propose(leader, "x");
  const auto fresh = cluster.start_another();
  const auto ticket = cluster.change(leader, AddPeer{{fresh, "d:4647", true}});
  CHECK_FALSE(cluster.status(leader).configuration.is_voter(fresh));
  REQUIRE(succeeds(cluster, ticket));
  CHECK(cluster.status(leader).configuration.is_voter(fresh));
  CHECK(cluster.applied(fresh) >= Index{200});
  CHECK(cluster.broken() == "");
}

TEST_CASE("a new voter that never answers stays a non-voter, and costs no majority", "[raft][raft-4.2.1]") {
  test::RaftClusterOptions options;
  options.config.catch_up_timeout = 3s;
  RaftCluster cluster(options);
  cluster.start(1);
  const auto leader = cluster.elect();
  const auto ticket = cluster.change(leader, AddPeer{{server("z"), "z:4647", true}});
  cluster.run_for(1s);
  const auto write = cluster.propose(leader, "still writable");
  CHECK(cluster.run_until([&]() { return cluster.acknowledged(write); }, 1s));
  CHECK_FALSE(succeeds(cluster, ticket));
  CHECK(refusal(cluster, ticket) == Errc::timeout);
  CHECK_FALSE(cluster.status(leader).configuration.is_voter(server("z")));
  CHECK(succeeds(cluster, cluster.change(leader, RemovePeer{server("z")})));
}

TEST_CASE("a non-voter is fed, and promoted when asked", "[raft][raft-4.2.1]") {
  RaftCluster cluster({});
  cluster.start(1);
  const auto leader = cluster.elect();
  const auto fresh = cluster.start_another();
  REQUIRE(succeeds(cluster, cluster.change(leader, AddPeer{{fresh, "b:4647", false}})));
  const auto write = cluster.propose(leader, "x");
  CHECK(cluster.run_until([&]() { return cluster.acknowledged(write) && cluster.settled(); }));
  CHECK_FALSE(cluster.status(fresh).configuration.is_voter(fresh));
  REQUIRE(succeeds(cluster, cluster.change(leader, PromotePeer{fresh})));
  CHECK(cluster.status(leader).configuration.voters() == 2);
}

TEST_CASE("no change of servers before the leader has committed in its own term", "[raft][raft-4.1]") {
  auto raft = test::RaftBuilder{}.log({1}).build();
  core::Instant now = test::kStart;
  (void)test::make_leader(raft, now);
  auto out = raft.step(PeerChangeAsked{RemovePeer{server("b")}, 5}, now);
  const auto* refused = test::outcome<PeerChangeDone>(out);
  REQUIRE(refused != nullptr);
  CHECK(refused->status.error().code == Errc::busy);
  (void)raft.step(test::from("c", AppendReply{raft.term(), Index{2}}), now);
  out = raft.step(PeerChangeAsked{RemovePeer{server("b")}, 6}, now);
  CHECK(test::outcome<PeerChangeDone>(out) == nullptr);
  CHECK(out.save.append.size() == 1);
}

TEST_CASE("one change of servers at a time", "[raft][raft-4.1]") {
  auto raft = test::RaftBuilder{}.log({1}).build();
  core::Instant now = test::kStart;
  (void)test::make_leader(raft, now);
  (void)raft.step(test::from("b", AppendReply{raft.term(), Index{2}}), now);
  (void)raft.step(PeerChangeAsked{RemovePeer{server("c")}, 5}, now);
  const auto out = raft.step(PeerChangeAsked{AddPeer{{server("d"), "d:4647", true}}, 6}, now);
  REQUIRE(test::outcome<PeerChangeDone>(out) != nullptr);
  CHECK(test::outcome<PeerChangeDone>(out)->ticket == 6);
  CHECK(test::outcome<PeerChangeDone>(out)->status.error().code == Errc::busy);
}

TEST_CASE("a leader that removes itself hands over once that is committed", "[raft][raft-4.2.2]") {
  RaftCluster cluster({});
  cluster.start(3);
  const auto old = cluster.elect();
  cluster.run_for(1s);
  const auto asked = cluster.now();
  REQUIRE(succeeds(cluster, cluster.change(old, RemovePeer{old})));
  REQUIRE(cluster.run_until([&]() { return cluster.leader() && *cluster.leader() != old; }));
  CHECK(cluster.now() - asked < 500ms);  // nobody waited for a timeout
  CHECK(cluster.status(*cluster.leader()).configuration.peers.size() == 2);
  CHECK(cluster.status(old).role == Role::follower);
  cluster.run_for(10s);
  CHECK(cluster.status(old).role == Role::follower);
  CHECK(cluster.broken() == "");
}

TEST_CASE("a removed server that keeps running disturbs nobody", "[raft][raft-4.2.3]") {
  RaftCluster cluster({});
  cluster.start(3);
  const auto leader = cluster.elect();
  const auto removed = leader == server("c") ? server("b") : server("c");
  cluster.isolate(removed);  // so that it does not even learn of it
  REQUIRE(succeeds(cluster, cluster.change(leader, RemovePeer{removed})));
  const auto term = cluster.status(leader).term;
  cluster.heal();
  cluster.run_for(20s);
  CHECK(cluster.leader() == leader);
  CHECK(cluster.status(leader).term == term);
}

TEST_CASE("the last voter cannot be removed, nor somebody unknown", "[raft]") {
  RaftCluster cluster({});
  cluster.start(1);
  const auto leader = cluster.elect();
  CHECK(refusal(cluster, cluster.change(leader, RemovePeer{leader})) == Errc::rejected);
  CHECK(refusal(cluster, cluster.change(leader, RemovePeer{server("z")})) == Errc::not_found);
  CHECK(refusal(cluster, cluster.change(leader, PromotePeer{server("z")})) == Errc::not_found);
}

TEST_CASE("a server keeps its place when its address changes", "[raft]") {
  RaftCluster cluster({});
  cluster.start(3);
  const auto leader = cluster.elect();
  REQUIRE(succeeds(cluster, cluster.change(leader, UpdateAddress{server("b"), "10.0.0.9:4647"})));
  const auto status = cluster.status(leader);
  CHECK(status.configuration.find(server("b"))->address == "10.0.0.9:4647");
  CHECK(status.configuration.voters() == 3);
}

TEST_CASE("a server removed by an entry only it holds can still be elected to commit it",
          "[raft][raft-4.2.2]") {
  RaftCluster cluster({});
  cluster.start(2);
  const auto old = cluster.elect();
  const auto other = old == server("a") ? server("b") : server("a");
  cluster.cut(old, other);
  (void)cluster.change(old, RemovePeer{old});
  cluster.run_for(10ms);
  cluster.crash(old);
  cluster.heal();
  cluster.restart(old);
  REQUIRE(cluster.run_until([&]() { return cluster.leader() == other; }));
  CHECK(cluster.status(other).configuration.peers.size() == 1);
  const auto write = cluster.propose(other, "x");
  CHECK(cluster.run_until([&]() { return cluster.acknowledged(write); }));
  CHECK(cluster.broken() == "");
}

TEST_CASE("servers told the same first configuration become one cluster", "[raft][bootstrap]") {
  RaftCluster cluster({});
  cluster.start(3);  // tells the first one only
  CHECK(cluster.elect() == server("a"));
  REQUIRE(cluster.run_until([&]() { return cluster.settled(); }));
  for (const auto& id : cluster.ids()) CHECK(cluster.status(id).configuration.voters() == 3);
}

TEST_CASE("a bootstrap is the same entry wherever it is written", "[raft][bootstrap]") {
  const auto first_entry = [](const char* id) {
    Config config;
    config.self = server(id);
    Raft raft(config, Restored{}, core::Rng(1), core::Logger());
    return raft.step(BootstrapAsked{test::voters({"a", "b", "c"})}, test::kStart).save.append.at(0);
  };
  CHECK(first_entry("a").digest == first_entry("b").digest);
  CHECK(first_entry("a").id == EntryId{Term{1}, Index{1}});
}
