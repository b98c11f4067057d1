// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "tests/support/raft_builder.h"
#include "tests/support/raft_cluster.h"
#include "tests/support/raft_printers.h"

using namespace core::raft;
using core::Index;
using core::Term;
using test::all;
using test::from;
using test::kStart;
using test::RaftBuilder;
using test::RaftCluster;
using test::server;
using namespace std::chrono_literals;

namespace {

std::vector<std::uint64_t> ready(const Output& out) {
  std::vector<std::uint64_t> tickets;
  for (const auto& outcome : out.outcomes)
    if (const auto* one = std::get_if<ReadReady>(&outcome)) tickets.push_back(one->ticket);
  return tickets;
}

std::uint64_t round_of(const Output& out) {
  const auto beats = all<Heartbeat>(out);
  REQUIRE_FALSE(beats.empty());
  return beats[0].second.round;
}

Received answer(const Raft& raft, const std::string& who, std::uint64_t round) {
  return from(who, HeartbeatReply{raft.term(), round, {}, {}, {}});
}

}  // namespace

TEST_CASE("a read waits for a round of heartbeats begun after it was asked", "[raft][raft-6.4]") {
  auto raft = RaftBuilder{}.log({1}).build();
  core::Instant now = kStart;
  const auto first_round = round_of(test::make_leader(raft, now));
  auto out = raft.step(ReadAsked{7}, now);
  CHECK(ready(out).empty());
  CHECK(all<Heartbeat>(out).empty());  // one round at a time: the first is still under way
  out = raft.step(answer(raft, "b", first_round), now);
  CHECK(ready(out).empty());
  const auto second_round = round_of(out);
  CHECK(second_round == first_round + 1);
  out = raft.step(answer(raft, "c", first_round), now);
  CHECK(ready(out).empty());
  out = raft.step(answer(raft, "c", second_round), now);
  CHECK(ready(out) == std::vector<std::uint64_t>{7});
}

TEST_CASE("reads that come while a round is under way share the next", "[raft][raft-6.4]") {
  auto raft = RaftBuilder{}.log({1}).build();
  core::Instant now = kStart;
  const auto round = round_of(test::make_leader(raft, now));
  for (std::uint64_t ticket = 1; ticket <= 100; ++ticket)
    CHECK(raft.step(ReadAsked{ticket}, now).send.empty());
  const auto next = round_of(raft.step(answer(raft, "b", round), now));
  CHECK(ready(raft.step(answer(raft, "b", next), now)).size() == 100);
}

TEST_CASE("a new leader's reads wait for its own first entry", "[raft][raft-6.4]") {
  // Its commit index may be behind what its predecessor committed; its own first entry is not.
  auto raft = RaftBuilder{}.log({1, 1, 1}).build();
  core::Instant now = kStart;
  const auto round = round_of(test::make_leader(raft, now));
  (void)raft.step(ReadAsked{7}, now);
  const auto next = round_of(raft.step(answer(raft, "b", round), now));
  const auto out = raft.step(answer(raft, "b", next), now);
  REQUIRE(test::outcome<ReadReady>(out) != nullptr);
  CHECK(test::outcome<ReadReady>(out)->index == Index{4});
}

TEST_CASE("reads are refused when leadership is lost", "[raft][raft-6.4]") {
  auto raft = RaftBuilder{}.log({1}).build();
  core::Instant now = kStart;
  (void)test::make_leader(raft, now);
  (void)raft.step(ReadAsked{7}, now);
  const auto out = raft.step(from("b", Heartbeat{raft.term().next(), 1, {}, {}, {}}), now);
  REQUIRE(test::outcome<Refused>(out) != nullptr);
  CHECK(test::outcome<Refused>(out)->ticket == 7);
}

TEST_CASE("within a lease reads are answered at once, after it they ask around", "[raft][raft-6.4.1]") {
  RaftBuilder builder;
  builder.log({1}).config().lease_reads = true;
  auto raft = builder.build();
  core::Instant now = kStart;
  const auto round = round_of(test::make_leader(raft, now));
  const auto begun = now;
  (void)raft.step(answer(raft, "b", round), now + 10ms);
  CHECK(ready(raft.step(ReadAsked{1}, begun + 500ms)).size() == 1);
  CHECK(ready(raft.step(ReadAsked{2}, begun + 949ms)).size() == 1);
  CHECK(ready(raft.step(ReadAsked{3}, begun + 951ms)).empty());
}

TEST_CASE("a leader that told another to stand has no lease for the rest of its term", "[raft][raft-6.4.1]") {
  RaftBuilder builder;
  builder.log({1}).config().lease_reads = true;
  auto raft = builder.build();
  core::Instant now = kStart;
  const auto round = round_of(test::make_leader(raft, now));
  (void)raft.step(answer(raft, "b", round), now);
  (void)raft.step(from("b", AppendReply{raft.term(), Index{2}}), now);
  REQUIRE(ready(raft.step(ReadAsked{1}, now)).size() == 1);
  const auto out = raft.step(TransferAsked{server("b"), 9}, now);
  REQUIRE(all<TimeoutNow>(out).size() == 1);
  CHECK(ready(raft.step(ReadAsked{2}, now)).empty());
}

TEST_CASE("a follower asks the leader from where on it may answer", "[raft][raft-6.4]") {
  RaftCluster cluster({});
  cluster.start(3);
  const auto leader = cluster.elect();
  cluster.run_for(1s);
  const auto follower = leader == server("a") ? server("b") : server("a");
  cluster.propose(leader, "x");
  cluster.run_for(20ms);
  const auto ticket = cluster.read(follower);
  REQUIRE(cluster.run_until([&]() { return cluster.outcome(ticket) != nullptr; }, 1s));
  const auto* answer = std::get_if<ReadReady>(cluster.outcome(ticket));
  REQUIRE(answer != nullptr);
  CHECK(answer->index == cluster.checker().newest());
}

TEST_CASE("a follower's read is refused when the leader does not answer", "[raft][raft-6.4]") {
  RaftCluster cluster({});
  cluster.start(3);
  const auto leader = cluster.elect();
  cluster.run_for(1s);
  const auto follower = leader == server("a") ? server("b") : server("a");
  cluster.cut(leader, follower);
  const auto ticket = cluster.read(follower);
  REQUIRE(cluster.run_until([&]() { return cluster.outcome(ticket) != nullptr; }, 3s));
  CHECK(std::holds_alternative<Refused>(*cluster.outcome(ticket)));
}

TEST_CASE("a deposed leader that does not know it yet answers no read", "[raft][raft-6.4]") {
  const bool lease = GENERATE(false, true);
  test::RaftClusterOptions options;
  options.config.lease_reads = lease;
  RaftCluster cluster(options);
  cluster.start(3);
  const auto old = cluster.elect();
  cluster.run_for(1s);
  cluster.isolate(old);
  cluster.pause(old, 10s);  // it wakes up long after its lease, still thinking that it leads
  REQUIRE(cluster.run_until([&]() { return cluster.leader() && *cluster.leader() != old; }));
  const auto write = cluster.propose(*cluster.leader(), "newer");
  REQUIRE(cluster.run_until([&]() { return cluster.acknowledged(write); }));
  const auto ticket = cluster.read(old);
  cluster.heal();
  cluster.run_for(15s);
  CHECK(cluster.outcome(ticket) != nullptr);
  CHECK(cluster.broken() == "");  // had it been answered, the checker would have seen the old index
}

TEST_CASE("a cluster of one answers reads without asking anybody", "[raft][raft-6.4]") {
  RaftCluster cluster({});
  cluster.start(1);
  const auto leader = cluster.elect();
  const auto ticket = cluster.read(leader);
  REQUIRE(cluster.outcome(ticket) != nullptr);
  CHECK(std::holds_alternative<ReadReady>(*cluster.outcome(ticket)));
}
