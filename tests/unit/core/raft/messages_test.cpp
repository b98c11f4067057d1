// SPDX-License-Identifier: MPL-2.0
#include "core/raft/messages.h"

#include <catch2/catch.hpp>

#include "core/base/rng.h"
#include "tests/support/raft_builder.h"

using namespace core::raft;
using core::Index;
using core::Term;
using test::RaftLog;

namespace {

std::vector<Message> one_of_each() {
  const RaftLog log({1, 1, 2, 2, 4});
  const auto meta = log.snapshot(4, test::voters({"a", "b"}));
  return {PreVoteRequest{Term{3}, log.id(2)},
          PreVoteReply{Term{3}, Term{2}, true},
          VoteRequest{Term{4}, log.id(5), true},
          VoteReply{Term{4}, true},
          log.append(4, 2, 3, 2),
          AppendReply{Term{4}, Index{5}},
          AppendRefusal{Term{4}, log.id(4), log.id(2)},
          Heartbeat{Term{4}, 77, Index{3}, log.id(3), log.digest(3)},
          HeartbeatReply{Term{4}, 77, Index{3}, Index{4}, Index{5}},
          InstallRequest{Term{4}, meta, 1000, 10, std::make_shared<const core::Bytes>("piece")},
          InstallReply{Term{4}, log.id(4), 15, true},
          TimeoutNow{Term{4}},
          ReadRequest{Term{4}, 9},
          ReadReply{Term{4}, 9, true, Index{5}}};
}

}  // namespace

TEST_CASE("every kind of message comes back from its wire form as it was", "[raft][wire]") {
  const auto messages = one_of_each();
  REQUIRE(messages.size() == std::variant_size_v<Message>);
  for (std::size_t i = 0; i < messages.size(); ++i) {
    CAPTURE(name_of(messages[i]));
    REQUIRE(messages[i].index() == i);
    const auto wire = encode(messages[i]);
    const auto back = decode_message(wire);
    REQUIRE(back.ok());
    CHECK(back->index() == i);
    CHECK(term_of(*back) == term_of(messages[i]));
    CHECK(encode(*back) == wire);
  }
}

TEST_CASE("an append's entries keep their indexes, payloads and digests", "[raft][wire]") {
  const RaftLog log({1, 1, 2});
  const auto back = decode_message(encode(Message(log.append(2, 1, 2, 0))));
  REQUIRE(back.ok());
  const auto& request = std::get<AppendRequest>(*back);
  REQUIRE(request.entries.size() == 2);
  CHECK(request.entries[1].id == log.id(3));
  CHECK(*request.entries[1].payload == *log.entries[2].payload);
  CHECK(chain_digest(log.digest(2), request.entries[1]) == log.digest(3));
}

TEST_CASE("a message cut short or with bytes left over is refused", "[raft][wire]") {
  for (const auto& message : one_of_each()) {
    CAPTURE(name_of(message));
    const auto wire = encode(message);
    for (std::size_t length = 0; length < wire.size(); ++length)
      CHECK_FALSE(decode_message(core::ByteView(wire).substr(0, length)).ok());
    CHECK_FALSE(decode_message(wire + "x").ok());
  }
}

TEST_CASE("another magic, version or kind is refused", "[raft][wire]") {
  const auto wire = encode(Message(TimeoutNow{Term{1}}));
  for (const std::size_t at : {0, 4, 5}) {
    auto other = wire;
    other[at] = '\x7f';
    CHECK_FALSE(decode_message(other).ok());
  }
}

TEST_CASE("a length is not believed before its bytes are there", "[raft][wire]") {
  // Byte 6+8+16+16+8 is the count of entries: four thousand of them are promised, none follows.
  core::Bytes wire = encode(Message(AppendRequest{Term{1}, {}, {}, {}, {}}));
  wire[wire.size() - 3] = '\x0f';
  CHECK_FALSE(decode_message(wire).ok());
  wire[wire.size() - 1] = '\x7f';
  CHECK_FALSE(decode_message(wire).ok());
}

TEST_CASE("terms and indexes near the end of their range are refused", "[raft][wire]") {
  CHECK_FALSE(decode_message(encode(Message(TimeoutNow{Term{~0ull}}))).ok());
  CHECK_FALSE(decode_message(encode(Message(AppendReply{Term{1}, Index{~0ull - 5}}))).ok());
}

TEST_CASE("bytes changed at random decode to something bounded or to an error", "[raft][wire]") {
  core::Rng rng(11);
  for (const auto& message : one_of_each()) {
    const auto wire = encode(message);
    for (int round = 0; round < 300; ++round) {
      auto damaged = wire;
      for (std::uint64_t i = 0; i <= rng.below(4); ++i)
        damaged[rng.below(damaged.size())] = static_cast<char>(rng.below(256));
      const auto back = decode_message(damaged);
      if (back.ok()) CHECK(encode(*back).size() <= damaged.size());
    }
  }
}
