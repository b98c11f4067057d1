// SPDX-License-Identifier: MPL-2.0
#include "core/server/proposals.h"

#include <catch2/catch.hpp>

#include "core/base/limits.h"

using core::Index;
using core::Term;
using core::server::AppliedEntry;
using core::server::Proposals;
using core::server::Reply;

namespace {

// One event queued for a caller, as Raft is given it.
core::raft::Proposal propose(Proposals& proposals, core::server::Ticket ticket) {
  REQUIRE(proposals.add(core::model::EvalsUpdated{}, {1}, {}, {.ticket = ticket, .answer = {}, .lease = {}}).ok());
  auto queued = proposals.take_queued();
  REQUIRE(queued.proposals.size() == 1);
  return queued.proposals[0];
}

AppliedEntry applied(Term term, Index index) { return {.id = {term, index}, .outcome = core::Unit{}, .answer = {}}; }

}  // namespace

TEST_CASE("a caller is answered when its own entry was applied", "[server][proposals]") {
  Proposals proposals;
  std::vector<Reply> replies;
  const auto proposal = propose(proposals, 42);
  proposals.on_appended({proposal.ticket, {Term{2}, Index{9}}});
  proposals.on_applied(applied(Term{2}, Index{8}), replies);
  CHECK(replies.empty());
  proposals.on_applied(applied(Term{2}, Index{9}), replies);
  REQUIRE(replies.size() == 1);
  CHECK(replies[0].ticket == 42);
  CHECK(replies[0].result->index == Index{9});
}

TEST_CASE("an entry that another leader's took the place of is answered as not written", "[server][proposals]") {
  Proposals proposals;
  std::vector<Reply> replies;
  proposals.on_appended({propose(proposals, 42).ticket, {Term{2}, Index{9}}});
  proposals.on_applied(applied(Term{3}, Index{9}), replies);
  REQUIRE(replies.size() == 1);
  CHECK(replies[0].result.error().code == core::Errc::no_leader);
}

TEST_CASE("losing leadership leaves the fate of what was under way open", "[server][proposals]") {
  Proposals proposals;
  std::vector<Reply> replies;
  proposals.on_appended({propose(proposals, 1).ticket, {Term{2}, Index{9}}});
  propose(proposals, 2);
  proposals.abandon(replies);
  REQUIRE(replies.size() == 2);
  for (const auto& reply : replies) CHECK(reply.result.error().code == core::Errc::unknown_fate);
  proposals.on_applied(applied(Term{2}, Index{9}), replies);
  CHECK(replies.size() == 2);
}

TEST_CASE("over the limit of writes in flight a caller is told to come back", "[server][proposals]") {
  Proposals proposals;
  for (std::size_t i = 0; i < core::limits::kProposalsInFlightMax; ++i)
    REQUIRE(proposals.add(core::model::EvalsUpdated{}, {1}, {}, {}).ok());
  const auto refused = proposals.add(core::model::EvalsUpdated{}, {1}, {}, {});
  REQUIRE(!refused.ok());
  CHECK(refused.error().code == core::Errc::busy);
}

TEST_CASE("callers may be answered early, while what they asked for goes on", "[server][proposals]") {
  Proposals proposals;
  std::vector<Reply> replies;
  proposals.on_appended({propose(proposals, 1).ticket, {Term{2}, Index{9}}});
  const auto waiting = propose(proposals, 2);
  proposals.answer_all({core::Errc::unknown_fate, "the disk is full"}, replies);
  REQUIRE(replies.size() == 2);
  for (const auto& reply : replies) CHECK(reply.result.error().code == core::Errc::unknown_fate);
  proposals.on_appended({waiting.ticket, {Term{2}, Index{10}}});
  CHECK(proposals.in_flight() == 2);
  proposals.on_applied(applied(Term{2}, Index{9}), replies);
  proposals.on_applied(applied(Term{2}, Index{10}), replies);
  CHECK(proposals.in_flight() == 0);
  CHECK(replies.size() == 2);
}
