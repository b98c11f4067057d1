// SPDX-License-Identifier: MPL-2.0
// Handing leadership over (Raft thesis §3.10): stop taking proposals, bring the target's log up to
// ours, tell it to stand for election at once; give up after an election timeout.
#include "core/base/assert.h"
#include "core/raft/state.h"

namespace core::raft {

// The voter with the longest log among those heard of lately; of equals the first by id.
std::optional<ServerId> best_successor(const State& s) {
  std::optional<ServerId> best;
  Index best_match;
  for (const auto& [id, peer] : s.lead->peers) {
    const bool fit = s.configuration().is_voter(id) && s.now - peer.heard_at < s.config.election_timeout;
    if (!fit || (best && peer.match() <= best_match)) continue;
    best = id;
    best_match = peer.match();
  }
  return best;
}

void on_input(State& s, const TransferAsked& in, Output& out) {
  const auto refuse = [&](Errc code, const char* why) {
    out.outcomes.push_back(TransferDone{in.ticket, Error{code, why}});
  };
  if (!s.lead) return refuse(Errc::no_leader, "this server is not the leader");
  if (s.lead->transfer) return refuse(Errc::busy, "leadership is being handed over already");
  if (in.target == s.config.self) return out.outcomes.push_back(TransferDone{in.ticket, ok_status()});
  const auto target = in.target ? in.target : best_successor(s);
  if (!target) return refuse(Errc::unavailable, "no other voter is there to take over");
  if (!s.configuration().is_voter(*target)) return refuse(Errc::not_found, "the target is not a voter");
  LOG(s.logger, info, "handing leadership over", {"to", *target});
  s.lead->transfer = Transfer{*target, in.ticket, s.now + s.config.election_timeout, false};
  drive_transfer(s, out);
}

void drive_transfer(State& s, Output& out) {
  if (!s.lead || !s.lead->transfer) return;
  auto& transfer = *s.lead->transfer;
  const auto peer = s.lead->peers.find(transfer.target);
  if (peer == s.lead->peers.end())
    return end_transfer(s, Error{Errc::not_found, "the target was removed"}, out);
  if (s.now >= transfer.deadline)
    return end_transfer(s, Error{Errc::timeout, "the target did not take over"}, out);
  if (transfer.told || peer->second.match() < s.log.last().index) return;
  transfer.told = true;
  s.lead->lease_void = true;
  out.send.push_back({transfer.target, TimeoutNow{s.hard.term}});
}

void end_transfer(State& s, Status status, Output& out) {
  if (!s.lead->transfer) return;
  const auto transfer = *std::exchange(s.lead->transfer, std::nullopt);
  LOG(s.logger, info, status.ok() ? "handed leadership over" : "could not hand leadership over",
      {"to", transfer.target});
  out.outcomes.push_back(TransferDone{transfer.ticket, std::move(status)});
}

void on_message(State& s, const ServerId& from, const TimeoutNow& r, Output& out) {
  if (r.term != s.hard.term || !s.is_voter()) return;
  if (s.role != Role::follower && s.role != Role::pre_candidate) return;
  LOG(s.logger, info, "asked to take over leadership", {"from", from});
  start_election(s, true, out);
}

}  // namespace core::raft
