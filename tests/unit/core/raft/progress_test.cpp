// SPDX-License-Identifier: MPL-2.0
#include "core/raft/progress.h"

#include <catch2/catch.hpp>

#include "tests/support/raft_builder.h"
#include "tests/support/raft_printers.h"

using core::Index;
using core::raft::Progress;

namespace {

constexpr Progress::Window kWindow{3, 1000};

Progress replicating(std::uint64_t match) {
  Progress peer(Index{match}, kWindow, test::kStart);
  peer.sent(Index{match}, 1, 0);
  REQUIRE(peer.acknowledged(Index{match}, 0));
  REQUIRE(peer.state() == Progress::State::replicate);
  return peer;
}

}  // namespace

TEST_CASE("a probe is one append at a time", "[raft][progress]") {
  Progress peer(Index{8}, kWindow, test::kStart);
  REQUIRE(peer.may_send());
  peer.sent(Index{9}, 10, 1);
  CHECK_FALSE(peer.may_send());
  CHECK(peer.next() == Index{8});
  CHECK(peer.acknowledged(Index{9}, 1));
  CHECK(peer.state() == Progress::State::replicate);
  CHECK(peer.next() == Index{10});
}

TEST_CASE("appends are pipelined until the window is full", "[raft][progress]") {
  auto peer = replicating(5);
  SECTION("by count") {
    for (std::uint64_t i = 6; i <= 8; ++i) {
      REQUIRE(peer.may_send());
      peer.sent(Index{i}, 1, 1);
    }
    CHECK_FALSE(peer.may_send());
    CHECK(peer.acknowledged(Index{7}, 1));
    CHECK(peer.in_flight() == 1);
  }
  SECTION("by bytes, and a large one goes alone") {
    peer.sent(Index{6}, 5000, 1);
    CHECK_FALSE(peer.may_send());
    CHECK(peer.acknowledged(Index{6}, 1));
  }
  CHECK(peer.may_send());
}

TEST_CASE("an old refusal is not believed", "[raft][progress]") {
  auto peer = replicating(5);
  CHECK_FALSE(peer.refused(Index{4}, Index{2}));
  CHECK(peer.state() == Progress::State::replicate);
  Progress probing(Index{8}, kWindow, test::kStart);
  CHECK_FALSE(probing.refused(Index{5}, Index{1}));
  CHECK(probing.refused(Index{7}, Index{3}));
  CHECK(probing.next() == Index{4});
}

TEST_CASE("a refusal never goes back behind what was acknowledged", "[raft][progress]") {
  auto peer = replicating(5);
  peer.sent(Index{9}, 1, 1);
  CHECK(peer.refused(Index{9}, Index{0}));
  CHECK(peer.next() == Index{6});
}

TEST_CASE("an append that a later heartbeat finds missing is sent again", "[raft][progress]") {
  auto peer = replicating(5);
  peer.sent(Index{6}, 1, 4);
  peer.answered(4, Index{5}, Index{5});  // may have overtaken the append
  CHECK(peer.state() == Progress::State::replicate);
  peer.answered(5, Index{6}, Index{6});  // there, but not durable yet
  CHECK(peer.in_flight() == 1);
  peer.answered(6, Index{5}, Index{9});  // its log is longer, but with another leader's entries
  CHECK(peer.state() == Progress::State::probe);
  CHECK(peer.next() == Index{6});
  CHECK(peer.may_send());
}

TEST_CASE("a follower that lost what it acknowledged starts over", "[raft][progress]") {
  auto peer = replicating(5);
  peer.answered(1, Index{2}, Index{2});
  CHECK(peer.match() == Index{0});
  CHECK(peer.next() == Index{3});
}

TEST_CASE("an unreachable follower is left alone until it answers again", "[raft][progress]") {
  auto peer = replicating(5);
  peer.sent(Index{6}, 1, 2);
  peer.pause(2);
  CHECK_FALSE(peer.may_send());
  peer.answered(2, Index{5}, Index{5});
  CHECK_FALSE(peer.may_send());
  peer.answered(3, Index{5}, Index{5});
  CHECK(peer.may_send());
  CHECK(peer.next() == Index{6});
}
