// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "tests/support/raft_builder.h"
#include "tests/support/raft_cluster.h"
#include "tests/support/raft_printers.h"

using namespace core::raft;
using core::Errc;
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

const TransferDone* done(const RaftCluster& cluster, std::uint64_t ticket) {
  const auto* outcome = cluster.outcome(ticket);
  return outcome == nullptr ? nullptr : std::get_if<TransferDone>(outcome);
}

}  // namespace

TEST_CASE("leadership is handed to whom it was asked for, without a pause", "[raft][raft-3.10]") {
  RaftCluster cluster({});
  cluster.start(3);
  const auto old = cluster.elect();
  cluster.run_for(1s);
  const auto target = old == server("b") ? server("c") : server("b");
  const auto asked = cluster.now();
  const auto ticket = cluster.transfer(old, target);
  REQUIRE(cluster.run_until([&]() { return cluster.leader() == target; }));
  CHECK(cluster.now() - asked < 200ms);
  REQUIRE(done(cluster, ticket) != nullptr);
  CHECK(done(cluster, ticket)->status.ok());
  CHECK(cluster.broken() == "");
}

TEST_CASE("the target is brought up to date before it is told to stand", "[raft][raft-3.10]") {
  auto raft = RaftBuilder{}.log({1}).build();
  core::Instant now = kStart;
  (void)test::make_leader(raft, now);
  (void)raft.step(from("b", AppendReply{raft.term(), Index{2}}), now);
  (void)raft.step(test::write("x"), now);
  auto out = raft.step(TransferAsked{server("b"), 9}, now);
  CHECK(all<TimeoutNow>(out).empty());
  out = raft.step(from("b", AppendReply{raft.term(), Index{3}}), now);
  CHECK(all<TimeoutNow>(out).size() == 1);
}

TEST_CASE("proposals are refused while leadership is handed over, and taken when that failed",
          "[raft][raft-3.10]") {
  auto raft = RaftBuilder{}.log({1}).build();
  core::Instant now = kStart;
  (void)test::make_leader(raft, now);
  (void)raft.step(from("b", AppendReply{raft.term(), Index{2}}), now);
  (void)raft.step(TransferAsked{server("c"), 9}, now);
  CHECK(test::outcome<Refused>(raft.step(test::write("x"), now)) != nullptr);
  Output out;
  for (int beats = 0; beats < 20 && test::outcome<TransferDone>(out) == nullptr; ++beats) {
    now = *raft.next_deadline();
    out = raft.step(from("b", AppendReply{raft.term(), Index{2}}), now);
  }
  REQUIRE(test::outcome<TransferDone>(out) != nullptr);
  CHECK(test::outcome<TransferDone>(out)->status.error().code == Errc::timeout);
  CHECK(test::outcome<Appended>(raft.step(test::write("x"), now)) != nullptr);
}

TEST_CASE("without a target the voter with the longest log takes over", "[raft][raft-3.10]") {
  auto raft = RaftBuilder{}.log({1}).build();
  core::Instant now = kStart;
  (void)test::make_leader(raft, now);
  (void)raft.step(from("c", AppendReply{raft.term(), Index{2}}), now);
  const auto out = raft.step(TransferAsked{std::nullopt, 9}, now);
  REQUIRE(all<TimeoutNow>(out).size() == 1);
  CHECK(all<TimeoutNow>(out)[0].first == server("c"));
}

TEST_CASE("leadership goes to voters only", "[raft][raft-3.10]") {
  auto raft = RaftBuilder{}.log({1}).build();
  core::Instant now = kStart;
  (void)test::make_leader(raft, now);
  const auto out = raft.step(TransferAsked{server("z"), 9}, now);
  REQUIRE(test::outcome<TransferDone>(out) != nullptr);
  CHECK(test::outcome<TransferDone>(out)->status.error().code == Errc::not_found);
}

TEST_CASE("a cluster of one has nobody to hand over to", "[raft][raft-3.10]") {
  RaftCluster cluster({});
  cluster.start(1);
  const auto leader = cluster.elect();
  const auto ticket = cluster.transfer(leader);
  REQUIRE(done(cluster, ticket) != nullptr);
  CHECK(done(cluster, ticket)->status.error().code == Errc::unavailable);
}

TEST_CASE("the one told to stand does so without asking around", "[raft][raft-3.10]") {
  auto raft = RaftBuilder{}.log({1}).build();
  (void)raft.step(from("b", Heartbeat{Term{1}, 1, {}, {}, {}}), kStart);
  const auto out = raft.step(from("b", TimeoutNow{Term{1}}), kStart + 1ms);
  CHECK(raft.role() == Role::candidate);
  REQUIRE(all<VoteRequest>(out).size() == 2);
  CHECK(all<VoteRequest>(out)[0].second.handed_over);
}

TEST_CASE("an old order to stand is ignored", "[raft][raft-3.10]") {
  auto raft = RaftBuilder{}.log({1}).term(5).build();
  (void)raft.step(from("b", TimeoutNow{Term{4}}), kStart);
  CHECK(raft.role() == Role::follower);
}
