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
using test::RaftLog;
using test::server;
using namespace std::chrono_literals;

namespace {

std::shared_ptr<const core::Bytes> bytes(const std::string& text) {
  return std::make_shared<const core::Bytes>(text);
}

SnapshotMeta five() { return RaftLog({1, 1, 2, 2, 2}).snapshot(5, test::voters({"a", "b", "c"})); }

InstallRequest piece(const SnapshotMeta& meta, std::uint64_t offset, const std::string& text,
                     std::uint64_t size) {
  return {Term{3}, meta, size, offset, bytes(text)};
}

}  // namespace

TEST_CASE("a snapshot comes in pieces, then the log starts over after it", "[raft][raft-7]") {
  auto raft = RaftBuilder{}.log({1, 1}).applied(1).build();
  auto out = test::settle(raft, raft.step(from("b", piece(five(), 0, "", 0)), kStart), kStart);
  REQUIRE(all<InstallReply>(out).size() == 1);
  CHECK(all<InstallReply>(out)[0].second.next_offset == 0);

  out = raft.step(from("b", piece(five(), 0, "abc", 5)), kStart);
  REQUIRE(out.store);
  CHECK_FALSE(out.store->last);
  out = raft.step(SnapshotStored{five().last, 3, core::ok_status()}, kStart);
  CHECK(all<InstallReply>(out)[0].second.next_offset == 3);

  out = raft.step(from("b", piece(five(), 3, "de", 5)), kStart);
  REQUIRE(out.store);
  CHECK(out.store->last);
  out = raft.step(SnapshotStored{five().last, 5, core::ok_status()}, kStart);
  REQUIRE(out.save.reset_to);
  CHECK(*out.save.reset_to == five());
  CHECK_FALSE(out.install);
  CHECK(out.send.empty());  // "installed" is a promise about this save
  REQUIRE(out.save.then_send.size() == 1);

  out = raft.step(Saved{out.save.number}, kStart);
  REQUIRE(out.install);
  CHECK(out.install->last == five().last);
  CHECK(raft.status().commit == Index{5});
  CHECK(raft.status().first == Index{6});
}

TEST_CASE("entries after a snapshot are not handed out before it is installed", "[raft][raft-7]") {
  const RaftLog log({1, 1, 2, 2, 2, 3});
  auto raft = RaftBuilder{}.log({1}).build();
  (void)raft.step(from("b", piece(five(), 0, "abc", 3)), kStart);
  const auto stored = raft.step(SnapshotStored{five().last, 3, core::ok_status()}, kStart);
  const auto more = raft.step(from("b", log.append(3, 5, 1, 6)), kStart);
  CHECK(more.committed.empty());
  auto out = raft.step(Saved{stored.save.number}, kStart);
  CHECK(out.install);
  CHECK(out.committed.empty());
  out = raft.step(Saved{more.save.number}, kStart);
  REQUIRE(out.committed.size() == 1);
  CHECK(out.committed[0].id == log.id(6));
}

TEST_CASE("a snapshot of what the log already holds is not transferred", "[raft][raft-7]") {
  auto raft = RaftBuilder{}.log({1, 1, 2, 2, 2, 2}).build();
  const auto out = raft.step(from("b", piece(five(), 0, "", 0)), kStart);
  CHECK_FALSE(out.store);
  REQUIRE(all<InstallReply>(out).size() == 1);
  CHECK(all<InstallReply>(out)[0].second.installed);
  CHECK(raft.commit() == Index{5});
  CHECK(raft.status().last.index == Index{6});  // "retain log entries following it"
}

TEST_CASE("an offer asks where to go on, and a piece out of place is answered alike", "[raft][raft-7]") {
  auto raft = RaftBuilder{}.log({1}).build();
  (void)raft.step(from("b", piece(five(), 0, "abc", 9)), kStart);
  (void)raft.step(SnapshotStored{five().last, 3, core::ok_status()}, kStart);
  const auto request = GENERATE_COPY(piece(five(), 0, "", 0), piece(five(), 0, "abc", 9),
                                     piece(five(), 6, "xyz", 9), piece(five(), 3, "too long", 9));
  const auto out = raft.step(from("b", request), kStart);
  CHECK_FALSE(out.store);
  REQUIRE(all<InstallReply>(out).size() == 1);
  CHECK(all<InstallReply>(out)[0].second.next_offset == 3);
}

TEST_CASE("a part from one leader is of no use with the rest from another", "[raft][raft-7]") {
  auto raft = RaftBuilder{}.log({1}).build();
  (void)raft.step(from("b", piece(five(), 0, "abc", 9)), kStart);
  (void)raft.step(SnapshotStored{five().last, 3, core::ok_status()}, kStart);
  auto offer = piece(five(), 0, "", 0);
  offer.term = Term{4};
  const auto out = test::settle(raft, raft.step(from("c", offer), kStart), kStart);
  CHECK(all<InstallReply>(out)[0].second.next_offset == 0);
}

TEST_CASE("a snapshot that cannot be stored is begun again", "[raft][raft-7]") {
  auto raft = RaftBuilder{}.log({1}).build();
  (void)raft.step(from("b", piece(five(), 0, "abc", 3)), kStart);
  (void)raft.step(SnapshotStored{five().last, 0, core::Error{core::Errc::corrupt, "digest"}}, kStart);
  CHECK(raft.status().last.index == Index{1});
  const auto out = raft.step(from("b", piece(five(), 0, "abc", 3)), kStart);
  CHECK(out.store);
}

TEST_CASE("a follower behind the leader's log is sent a snapshot, then entries", "[raft][raft-7]") {
  test::RaftClusterOptions options;
  options.snapshot_every = 20;
  options.trailing = 3;
  options.config.snapshot_chunk_bytes = 50;
  RaftCluster cluster(options);
  cluster.start(3);
  const auto leader = cluster.elect();
  const auto slow = leader == server("c") ? server("b") : server("c");
  cluster.crash(slow);
  cluster.run_for(2s);
  for (int i = 0; i < 200; ++i) {
    cluster.propose(leader, "x");
    cluster.run_for(5ms);
  }
  cluster.restart(slow);
  const auto sent = cluster.messages_sent("install-request");
  REQUIRE(cluster.run_until([&]() { return cluster.settled(); }));
  CHECK(cluster.messages_sent("install-request") >= sent + 5);
  CHECK(cluster.status(slow).first > Index{100});
  CHECK(cluster.broken() == "");
}

TEST_CASE("a transfer goes on where a broken link stopped it", "[raft][raft-7]") {
  test::RaftClusterOptions options;
  options.snapshot_every = 20;
  options.trailing = 1;
  options.config.snapshot_chunk_bytes = 10;
  RaftCluster cluster(options);
  cluster.start(3);
  const auto leader = cluster.elect();
  const auto slow = leader == server("c") ? server("b") : server("c");
  cluster.crash(slow);
  cluster.run_for(2s);
  for (int i = 0; i < 30; ++i) cluster.propose(leader, "x");
  cluster.run_for(1s);
  cluster.restart(slow);
  const auto before = cluster.messages_sent("install-request");
  REQUIRE(cluster.run_until([&]() { return cluster.messages_sent("install-request") >= before + 12; }));
  cluster.isolate(slow);
  cluster.run_for(3s);
  cluster.heal();
  REQUIRE(cluster.run_until([&]() { return cluster.settled(); }));
  const auto whole = test::snapshot_bytes(cluster.disk(leader).snapshot).size() / 10 + 1;
  CHECK(cluster.messages_sent("install-request") - before < 2 * whole);
  CHECK(cluster.broken() == "");
}

TEST_CASE("a follower on a busy cluster catches up though snapshots are taken all the time",
          "[raft][raft-7]") {
  test::RaftClusterOptions options;
  options.snapshot_every = 10;
  options.trailing = 0;
  options.config.snapshot_chunk_bytes = 50;
  RaftCluster cluster(options);
  cluster.start(3);
  const auto leader = cluster.elect();
  const auto slow = leader == server("c") ? server("b") : server("c");
  cluster.crash(slow);
  cluster.run_for(2s);
  for (int i = 0; i < 2000; ++i) {
    if (i == 200) cluster.restart(slow);
    cluster.propose(leader, "x");
    cluster.run_for(3ms);
  }
  CHECK(cluster.checker().newest().value - cluster.applied(slow).value < 100);
  CHECK(cluster.broken() == "");
}

TEST_CASE("entries may go that are older than two snapshots and the trailing ones", "[raft][raft-7]") {
  std::vector<std::uint64_t> terms(50, 1);
  auto raft = RaftBuilder{}.log(terms).applied(40).build();
  const auto taken = [&](std::uint64_t at, std::uint64_t trailing) {
    return raft.step(SnapshotTaken{RaftLog(terms).snapshot(at, test::voters({"a", "b", "c"})), trailing}, kStart);
  };
  // Alone, the first may turn out damaged: then the whole log is needed.
  CHECK_FALSE(taken(20, 5).save.drop_before);
  const auto two = taken(30, 5);
  REQUIRE(two.save.drop_before);
  CHECK(*two.save.drop_before == Index{21});
  CHECK_FALSE(two.save.writes());
  const auto three = taken(40, 15);
  REQUIRE(three.save.drop_before);
  CHECK(*three.save.drop_before == Index{26});
  CHECK(raft.status().first == Index{26});
}
