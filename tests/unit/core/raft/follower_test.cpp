// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "tests/support/raft_builder.h"
#include "tests/support/raft_printers.h"

using namespace core::raft;
using core::Index;
using core::Term;
using test::all;
using test::from;
using test::kStart;
using test::RaftBuilder;
using test::RaftLog;
using test::server;

TEST_CASE("a follower appends, and acknowledges once that is durable", "[raft][raft-5.3]") {
  const RaftLog log({1, 1, 2, 2});
  auto raft = RaftBuilder{}.log({1, 1}).build();
  const auto out = raft.step(from("b", log.append(2, 2, 9, 0)), kStart);
  CHECK(out.send.empty());
  REQUIRE(out.save.append.size() == 2);
  CHECK(out.save.append[0].id == log.id(3));
  REQUIRE(out.save.then_send.size() == 1);
  CHECK(all<AppendReply>(out)[0].second.match == Index{4});
  REQUIRE(out.save.hard_state);
  CHECK(out.save.hard_state->term == Term{2});
}

TEST_CASE("a repeated append is acknowledged only when the first one is durable", "[raft][raft-5.3]") {
  const RaftLog log({1, 1, 1});
  auto raft = RaftBuilder{}.log({1}).build();
  const auto first = raft.step(from("b", log.append(1, 1, 9, 0)), kStart);
  const auto again = raft.step(from("b", log.append(1, 1, 9, 0)), kStart);
  CHECK(again.save.append.empty());
  CHECK(again.send.empty());
  CHECK(again.save.then_send.size() == 1);
  (void)raft.step(Saved{again.save.number}, kStart);
  CHECK(raft.step(from("b", log.append(1, 1, 9, 0)), kStart).send.size() == 1);
  CHECK(first.save.number + 1 == again.save.number);
}

TEST_CASE("a follower refuses an append that would leave a gap", "[raft][raft-5.3]") {
  const auto previous = GENERATE(3, 5);
  const RaftLog log({1, 1, 1, 1, 1, 1});
  auto raft = RaftBuilder{}.log({1, 1}).build();
  const auto out = raft.step(from("b", log.append(1, static_cast<std::uint64_t>(previous), 1, 6)), kStart);
  CHECK(out.save.append.empty());
  const auto refusals = all<AppendRefusal>(out);
  REQUIRE(refusals.size() == 1);
  CHECK(refusals[0].second.hint == EntryId{Term{1}, Index{2}});
  CHECK(raft.commit() == Index{0});
}

TEST_CASE("a refusal hints past a whole term that cannot agree", "[raft][raft-5.3]") {
  // The follower's entries of term 3 are no part of a log that has term 2 at index 6.
  auto raft = RaftBuilder{}.log({1, 1, 3, 3, 3, 3}).build();
  const RaftLog leader({1, 1, 2, 2, 2, 2, 4});
  const auto out = raft.step(from("b", leader.append(4, 6, 1, 0)), kStart);
  REQUIRE(all<AppendRefusal>(out).size() == 1);
  CHECK(all<AppendRefusal>(out)[0].second.hint == EntryId{Term{1}, Index{2}});
}

TEST_CASE("a follower whose entry conflicts deletes it and all that follow", "[raft][raft-5.3]") {
  auto raft = RaftBuilder{}.log({1, 1, 2, 2}).build();
  const RaftLog leader({1, 1, 3});
  const auto out = raft.step(from("b", leader.append(3, 2, 1, 0)), kStart);
  REQUIRE(out.save.truncate_from);
  CHECK(*out.save.truncate_from == Index{3});
  CHECK(out.save.append.size() == 1);
  CHECK(raft.status().last == EntryId{Term{3}, Index{3}});
}

TEST_CASE("an old append that is a prefix of the log deletes nothing", "[raft][raft-5.3]") {
  // It may have been overtaken: what follows may have been acknowledged since.
  const RaftLog log({1, 1, 1, 1});
  auto raft = RaftBuilder{}.log({1, 1, 1, 1}).build();
  const auto out = raft.step(from("b", log.append(1, 0, 2, 0)), kStart);
  CHECK_FALSE(out.save.truncate_from);
  CHECK(raft.status().last.index == Index{4});
  CHECK(all<AppendReply>(out)[0].second.match == Index{2});
}

TEST_CASE("commit goes no further than what is known to agree", "[raft][raft-5.3]") {
  const RaftLog leader({1, 1, 2});
  auto raft = RaftBuilder{}.log({1, 1, 1, 1}).build();
  (void)raft.step(from("b", leader.append(2, 1, 1, 3)), kStart);
  CHECK(raft.commit() == Index{2});
}

TEST_CASE("what is committed but not durable here is not handed out yet", "[raft]") {
  const RaftLog log({1, 1, 1});
  auto raft = RaftBuilder{}.log({1}).build();
  const auto out = raft.step(from("b", log.append(1, 1, 2, 3)), kStart);
  CHECK(raft.commit() == Index{3});
  REQUIRE(out.committed.size() == 1);  // the one that was on disk
  const auto saved = raft.step(Saved{out.save.number}, kStart);
  REQUIRE(saved.committed.size() == 2);
  CHECK(saved.committed[1].id == log.id(3));
}

TEST_CASE("a heartbeat carries the commit index no further than what was acknowledged", "[raft]") {
  const RaftLog log({1, 1, 1});
  auto raft = RaftBuilder{}.log({1, 1, 1}).build();
  (void)raft.step(from("b", Heartbeat{Term{1}, 1, Index{3}, log.id(2), log.digest(2)}), kStart);
  CHECK(raft.commit() == Index{2});
}

TEST_CASE("equal ids with unequal digests stop the server", "[raft][digest]") {
  const RaftLog log({1, 1, 1});
  RaftLog other({1, 1, 1});
  other.entries[1].digest.bytes[0] ^= 1;
  auto raft = RaftBuilder{}.log({1, 1}).build();
  Output out;
  SECTION("before the first entry of an append") {
    out = raft.step(from("b", other.append(1, 2, 1, 0)), kStart);
  }
  SECTION("among the entries of an append") { out = raft.step(from("b", other.append(1, 0, 3, 0)), kStart); }
  SECTION("in a heartbeat") {
    out = raft.step(from("b", Heartbeat{Term{1}, 1, {}, other.id(2), other.digest(2)}), kStart);
  }
  const auto* diverged = test::outcome<Diverged>(out);
  REQUIRE(diverged != nullptr);
  CHECK(diverged->index == Index{2});
  CHECK(out.send.empty());
  CHECK(out.save.empty());
  CHECK_FALSE(raft.next_deadline());
  CHECK(raft.step(from("b", log.append(1, 2, 1, 0)), kStart).send.empty());
}

TEST_CASE("an append damaged on the way is dropped, and the next one is taken", "[raft][digest]") {
  const RaftLog log({1, 1});
  auto raft = RaftBuilder{}.log({1}).build();
  auto damaged = log.append(1, 1, 1, 0);
  damaged.entries[0].payload = std::make_shared<const core::Bytes>("something else");
  auto out = raft.step(from("b", damaged), kStart);
  CHECK(out.save.append.empty());
  CHECK(all<AppendReply>(out).empty());
  out = raft.step(from("b", log.append(1, 1, 1, 0)), kStart);
  CHECK(out.save.append.size() == 1);
}

TEST_CASE("entries that do not run on from the previous one are dropped", "[raft]") {
  const RaftLog log({1, 1, 1});
  auto raft = RaftBuilder{}.log({1}).build();
  auto request = log.append(1, 1, 2, 0);
  SECTION("a gap between them") { request.entries.erase(request.entries.begin()); }
  SECTION("a term ahead of the leader's") { request.entries[1].id.term = Term{9}; }
  SECTION("a falling term") { request.entries[0].id.term = Term{0}; }
  CHECK(raft.step(from("b", request), kStart).save.append.empty());
  CHECK(raft.status().last.index == Index{1});
}

TEST_CASE("a second leader in one term is not obeyed", "[raft][raft-5.2]") {
  const RaftLog log({1, 1});
  auto raft = RaftBuilder{}.log({1}).build();
  (void)raft.step(from("b", Heartbeat{Term{1}, 1, {}, {}, {}}), kStart);
  CHECK(raft.step(from("c", log.append(1, 1, 1, 0)), kStart).save.append.empty());
  CHECK(raft.leader() == server("b"));
}

TEST_CASE("a configuration counts from when it is in the log, and no longer when it is cut off",
          "[raft][raft-6]") {
  RaftLog log({1, 1});
  auto& entry = log.entries[1];
  entry.kind = EntryKind::configuration;
  entry.payload = std::make_shared<const core::Bytes>(encode(test::voters({"a", "b", "c", "d"})));
  entry.digest = chain_digest(log.digest(1), entry);
  auto raft = RaftBuilder{}.log({1}).build();
  auto out = raft.step(from("b", log.append(1, 1, 1, 0)), kStart);
  REQUIRE(test::outcome<ConfigurationChanged>(out) != nullptr);
  CHECK(raft.status().configuration.peers.size() == 4);
  CHECK_FALSE(raft.status().configuration_committed);

  out = raft.step(from("c", RaftLog({1, 2}).append(2, 1, 1, 0)), kStart);
  REQUIRE(test::outcome<ConfigurationChanged>(out) != nullptr);
  CHECK(raft.status().configuration.peers.size() == 3);
}
