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
using test::server;
using namespace std::chrono_literals;

TEST_CASE("a follower that hears of no leader asks around before it stands", "[raft][raft-9.6]") {
  auto raft = RaftBuilder{}.log({1, 1}).build();
  REQUIRE(raft.next_deadline());
  const auto out = raft.step(Woke{}, *raft.next_deadline());
  CHECK(raft.role() == Role::pre_candidate);
  CHECK(raft.term() == Term{1});
  CHECK_FALSE(out.save.hard_state);
  const auto asked = all<PreVoteRequest>(out);
  REQUIRE(asked.size() == 2);
  CHECK(asked[0].first == server("b"));
  CHECK(asked[0].second.last == EntryId{Term{1}, Index{2}});
}

TEST_CASE("election timeouts are drawn from one to two election timeouts", "[raft][raft-5.2]") {
  for (std::uint64_t seed = 1; seed < 50; ++seed) {
    Config config;
    config.self = server("a");
    Restored restored;
    restored.configuration = test::voters({"a", "b"});
    Raft raft(config, restored, core::Rng(seed), core::Logger());
    (void)raft.step(Woke{}, kStart);
    CHECK(*raft.next_deadline() >= kStart + config.election_timeout);
    CHECK(*raft.next_deadline() < kStart + 2 * config.election_timeout);
  }
}

TEST_CASE("who begins a cluster with others stands for election within a few heartbeats", "[raft][failover]") {
  for (std::uint64_t seed = 1; seed < 50; ++seed) {
    Config config;
    config.self = server("a");
    Raft raft(config, Restored{}, core::Rng(seed), core::Logger());
    (void)raft.step(BootstrapAsked{test::voters({"a", "b"})}, kStart);
    CHECK(*raft.next_deadline() >= kStart + 2 * config.heartbeat_interval);
    CHECK(*raft.next_deadline() <= kStart + 4 * config.heartbeat_interval);
  }
}

TEST_CASE("three servers that begin together have a leader within a second, however they draw", "[raft][failover]") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    CAPTURE(seed);
    test::RaftClusterOptions options;
    options.seed = seed;
    test::RaftCluster cluster(options);
    const auto began = cluster.now();
    cluster.start(3);
    REQUIRE(cluster.run_until([&]() { return cluster.leader().has_value(); }));
    CHECK(cluster.now() - began < 1s);
  }
}

TEST_CASE("a candidate's requests wait until its own vote is durable", "[raft][raft-5.2]") {
  auto raft = RaftBuilder{}.log({1}).build();
  const auto now = *raft.next_deadline();
  (void)raft.step(Woke{}, now);
  const auto out = raft.step(from("b", PreVoteReply{Term{1}, Term{1}, true}), now);
  CHECK(raft.role() == Role::candidate);
  CHECK(out.send.empty());
  REQUIRE(out.save.hard_state);
  CHECK(*out.save.hard_state == HardState{Term{2}, server("a")});
  CHECK(out.save.then_send.size() == 2);
}

TEST_CASE("a candidate with a majority leads, and its first entry is of its own term",
          "[raft][raft-5.2][raft-8]") {
  auto raft = RaftBuilder{}.log({1, 1}).build();
  core::Instant now = kStart;
  const auto out = test::make_leader(raft, now);
  CHECK(raft.leader() == server("a"));
  REQUIRE(out.save.append.size() == 1);
  CHECK(out.save.append[0].kind == EntryKind::noop);
  CHECK(out.save.append[0].id == EntryId{Term{2}, Index{3}});
  CHECK(all<Heartbeat>(out).size() == 2);
  CHECK(all<AppendRequest>(out).size() == 2);
}

TEST_CASE("a vote goes to the first who asks in a term, and to no other", "[raft][raft-5.2]") {
  auto raft = RaftBuilder{}.log({1}).build();
  auto out = raft.step(from("b", VoteRequest{Term{5}, {Term{1}, Index{1}}}), kStart);
  REQUIRE(out.save.hard_state);
  CHECK(*out.save.hard_state == HardState{Term{5}, server("b")});
  CHECK(out.send.empty());
  REQUIRE(out.save.then_send.size() == 1);
  CHECK(all<VoteReply>(out)[0].second.granted);

  out = raft.step(from("c", VoteRequest{Term{5}, {Term{1}, Index{1}}}), kStart);
  REQUIRE(all<VoteReply>(out).size() == 1);
  CHECK_FALSE(all<VoteReply>(out)[0].second.granted);

  out = raft.step(from("b", VoteRequest{Term{5}, {Term{1}, Index{1}}}), kStart);  // its reply was lost
  REQUIRE(all<VoteReply>(out).size() == 1);
  CHECK(all<VoteReply>(out)[0].second.granted);
  CHECK(out.send.empty());  // the vote is still on its way to the disk
}

TEST_CASE("a vote survives a restart", "[raft][raft-5.2]") {
  auto raft = RaftBuilder{}.log({1}).term(5, "b").build();
  const auto out = raft.step(from("c", VoteRequest{Term{5}, {Term{1}, Index{1}}}), kStart);
  CHECK_FALSE(all<VoteReply>(out)[0].second.granted);
}

TEST_CASE("a candidate whose log is less up to date gets no vote", "[raft][raft-5.4.1]") {
  const auto last = GENERATE(EntryId{Term{2}, Index{9}}, EntryId{Term{3}, Index{2}}, EntryId{});
  auto raft = RaftBuilder{}.log({1, 3, 3}).build();
  auto out = raft.step(from("b", VoteRequest{Term{9}, last}), kStart);
  REQUIRE(all<VoteReply>(out).size() == 1);
  CHECK_FALSE(all<VoteReply>(out)[0].second.granted);
  out = raft.step(from("b", PreVoteRequest{Term{9}, last}), kStart);
  CHECK_FALSE(all<PreVoteReply>(out)[0].second.granted);
}

TEST_CASE("a later term in the last entry beats a longer log", "[raft][raft-5.4.1]") {
  auto raft = RaftBuilder{}.log({1, 1, 1, 1}).build();
  const auto out = raft.step(from("b", VoteRequest{Term{3}, {Term{2}, Index{2}}}), kStart);
  CHECK(all<VoteReply>(out)[0].second.granted);
}

TEST_CASE("while a leader is heard, requests for votes go unanswered and move no term",
          "[raft][raft-4.2.3]") {
  auto raft = RaftBuilder{}.log({1}).build();
  const test::RaftLog log({1});
  (void)raft.step(from("b", log.append(1, 1, 0, 0)), kStart);
  auto out = raft.step(from("c", VoteRequest{Term{7}, {Term{6}, Index{9}}}), kStart + 500ms);
  CHECK(all<VoteReply>(out).empty());
  CHECK(raft.term() == Term{1});
  out = raft.step(from("c", PreVoteRequest{Term{7}, {Term{6}, Index{9}}}), kStart + 500ms);
  CHECK_FALSE(all<PreVoteReply>(out)[0].second.granted);
  SECTION("but for an election that the leader asked for") {
    out = raft.step(from("c", VoteRequest{Term{7}, {Term{6}, Index{9}}, true}), kStart + 500ms);
    CHECK(all<VoteReply>(out)[0].second.granted);
  }
  SECTION("until an election timeout has passed") {
    out = raft.step(from("c", VoteRequest{Term{7}, {Term{6}, Index{9}}}), kStart + 1001ms);
    CHECK(all<VoteReply>(out)[0].second.granted);
  }
}

TEST_CASE("a candidate that hears the leader of its term follows", "[raft][raft-5.2]") {
  auto raft = RaftBuilder{}.log({1}).build();
  const auto now = *raft.next_deadline();
  (void)raft.step(Woke{}, now);
  (void)raft.step(from("b", PreVoteReply{Term{1}, Term{1}, true}), now);
  REQUIRE(raft.role() == Role::candidate);
  (void)raft.step(from("c", Heartbeat{raft.term(), 1, {}, {}, {}}), now);
  CHECK(raft.role() == Role::follower);
  CHECK(raft.leader() == server("c"));
}

TEST_CASE("a leader of an older term learns the newer one", "[raft][raft-5.1]") {
  auto raft = RaftBuilder{}.log({1}).term(8).build();
  const auto out = raft.step(from("b", Heartbeat{Term{7}, 1, {}, {}, {}}), kStart);
  REQUIRE(all<HeartbeatReply>(out).size() == 1);
  CHECK(all<HeartbeatReply>(out)[0].second.term == Term{8});
  CHECK_FALSE(raft.leader());
}

TEST_CASE("a server outside the configuration never stands", "[raft]") {
  auto raft = RaftBuilder{}.peers(test::voters({"b", "c"})).log({1}).build();
  CHECK_FALSE(raft.next_deadline());
  Configuration with_learner = test::voters({"b", "c"});
  with_learner.put({server("a"), "a:4647", false});
  auto learner = RaftBuilder{}.peers(with_learner).log({1}).build();
  CHECK_FALSE(learner.next_deadline());
  (void)learner.step(from("b", TimeoutNow{Term{1}}), kStart);
  CHECK(learner.role() == Role::follower);
}

TEST_CASE("a leader cut off from the majority steps down", "[raft][raft-6.2]") {
  auto raft = RaftBuilder{}.log({1}).build();
  core::Instant now = kStart;
  (void)test::make_leader(raft, now);
  const auto elected = now;
  while (raft.role() == Role::leader && now < elected + 5s) {
    now = *raft.next_deadline();
    (void)raft.step(Woke{}, now);
  }
  CHECK(raft.role() == Role::follower);
  CHECK(now - elected <= 1100ms);
}

TEST_CASE("when the leader's connection broke, attempts that come to nothing are repeated soon, twice", "[raft][failover]") {
  auto raft = test::RaftBuilder().log({1}).build();
  auto now = kStart;
  (void)test::settle(raft, raft.step(from("b", test::RaftLog({1}).append(1, 1, 0, 0)), now), now);
  REQUIRE(raft.leader() == server("b"));
  (void)raft.step(PeerUnreachable{server("b")}, now);
  for (const auto& [least, most] : {std::pair{0ms, 100ms}, {200ms, 400ms}, {400ms, 800ms}, {1000ms, 2000ms}, {1000ms, 2000ms}}) {
    REQUIRE(raft.next_deadline().has_value());
    CHECK(*raft.next_deadline() - now >= least);
    CHECK(*raft.next_deadline() - now <= most);
    now = *raft.next_deadline();
    CHECK(!test::all<PreVoteRequest>(test::settle(raft, raft.step(Woke{}, now), now)).empty());
  }
}

// How long three servers are without a leader when theirs dies and its connections break.
core::Duration time_without_leader(std::uint64_t seed) {
  test::RaftClusterOptions options;
  options.seed = seed;
  test::RaftCluster cluster(options);
  cluster.start(3);
  const auto old = cluster.elect();
  cluster.run_for(1s);
  const auto died = cluster.now();
  cluster.crash(old);
  cluster.break_connections(old);
  REQUIRE(cluster.run_until([&]() { return cluster.leader().has_value(); }));
  CHECK(cluster.broken() == "");
  return cluster.now() - died;
}

TEST_CASE("a leader that died is replaced long before the timeout, and within a second however its followers draw", "[raft][failover]") {
  constexpr int kSeeds = 100;
  int soon = 0;
  for (int seed = 1; seed <= kSeeds; ++seed) {
    CAPTURE(seed);
    const auto missed = time_without_leader(static_cast<std::uint64_t>(seed));
    CHECK(missed < 1s);
    soon += missed < 150ms;
  }
  CHECK(soon >= kSeeds * 9 / 10);
}

TEST_CASE("a server that was cut off does not depose the leader when it returns", "[raft][raft-9.6]") {
  test::RaftCluster cluster({});
  cluster.start(3);
  const auto leader = cluster.elect();
  const auto term = cluster.status(leader).term;
  const auto lonely = leader == server("a") ? server("b") : server("a");
  cluster.isolate(lonely);
  cluster.run_for(20s);
  cluster.heal();
  cluster.run_for(5s);
  CHECK(cluster.leader() == leader);
  CHECK(cluster.status(leader).term == term);
  CHECK(cluster.status(lonely).leader == leader);
}

TEST_CASE("a link that works in one direction costs at most one election", "[raft][raft-9.6]") {
  test::RaftCluster cluster({});
  cluster.start(3);
  const auto leader = cluster.elect();
  const auto term = cluster.status(leader).term;
  const auto deaf = leader == server("c") ? server("b") : server("c");
  cluster.cut(leader, deaf);
  cluster.run_for(30s);
  REQUIRE(cluster.leader());
  CHECK(cluster.status(*cluster.leader()).term.value <= term.value + 1);
  CHECK(cluster.broken() == "");
}
