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
  REQUIRE(proposals.add(core::model::EvalsUpdated{}, {1}, {.ticket = ticket, .answer = {}, .lease = {}}).ok());
  auto queued = proposals.take_queued();
  REQUIRE(queued.proposals.size() == 1);
  return queued.proposals[0];
}

AppliedEntry applied(Term term, Index index) { return {.id = {term, index}, .index = index, .outcome = core::Unit{}, .answer = {}, .repeats = nullptr}; }

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
    REQUIRE(proposals.add(core::model::EvalsUpdated{}, {1}, {}).ok());
  const auto refused = proposals.add(core::model::EvalsUpdated{}, {1}, {});
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

TEST_CASE("a request that was settled before is answered with what became of it then", "[server][proposals][requests]") {
  Proposals proposals;
  std::vector<Reply> replies;
  proposals.on_appended({propose(proposals, 42).ticket, {Term{2}, Index{9}}});
  core::model::SettledRequest first{.id = {1, 2}, .index = Index{5}, .refused = nullptr, .evals = {core::EvalId{"e"}},
                                    .eval_create_index = Index{5}, .job_modify_index = Index{4}, .node_modify_index = {}};
  auto again = applied(Term{2}, Index{9});
  SECTION("carried out") {
    again.repeats = std::make_shared<const core::model::SettledRequest>(first);
    proposals.on_applied(again, replies);
    REQUIRE(replies.size() == 1);
    REQUIRE(replies[0].result.ok());
    const auto& answer = *replies[0].result;
    CHECK(answer.index == Index{5});
    CHECK(answer.eval_id == core::EvalId{"e"});
    CHECK(answer.eval_ids == std::vector{core::EvalId{"e"}});
    CHECK(answer.job_modify_index == Index{4});
  }
  SECTION("refused") {
    first.refused = std::make_shared<const core::Error>(core::Error{core::Errc::rejected, "no"});
    again.repeats = std::make_shared<const core::model::SettledRequest>(first);
    proposals.on_applied(again, replies);
    REQUIRE(replies.size() == 1);
    CHECK(replies[0].result.error() == core::Error{core::Errc::rejected, "no"});
  }
}

TEST_CASE("a request is under way until its event was applied, or nobody knows", "[server][proposals][requests]") {
  Proposals proposals;
  std::vector<Reply> replies;
  const core::RequestId request{7, 7};
  CHECK_FALSE(proposals.under_way(request));
  REQUIRE(proposals.add(core::model::EvalsUpdated{}, {1}, {.ticket = 1, .answer = {}, .lease = {}, .request = request}).ok());
  const auto queued = proposals.take_queued();
  CHECK(queued.proposals.at(0).request == request);
  CHECK(proposals.under_way(request));
  proposals.on_appended({queued.proposals[0].ticket, {Term{2}, Index{9}}});
  CHECK(proposals.under_way(request));
  CHECK_FALSE(proposals.under_way({7, 8}));
  SECTION("applied") { proposals.on_applied(applied(Term{2}, Index{9}), replies); }
  SECTION("leadership lost") { proposals.abandon(replies); }
  CHECK_FALSE(proposals.under_way(request));
}
