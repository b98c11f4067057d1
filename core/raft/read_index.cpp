// SPDX-License-Identifier: MPL-2.0
// Heartbeats, and what rests on their answers: linearizable reads (Raft thesis §6.4), the lease
// (§6.4.1), and a leader's own check that a majority still hears it (§6.2).
//
// Heartbeats go out in numbered rounds. A majority that answered a round had not moved on to a later
// term when that round began: what was committed then is the newest there was. One round is under
// way at a time; reads that arrive meanwhile share the next.
#include <algorithm>

#include "core/base/assert.h"
#include "core/base/limits.h"
#include "core/raft/quorum.h"
#include "core/raft/state.h"

namespace core::raft {
namespace {

bool alone(const State& s) { return s.configuration().voters() == 1 && s.is_voter(); }

bool lease_holds(const State& s) {
  const auto& lead = *s.lead;
  return s.config.lease_reads && !lead.lease_void && lead.lease_until && s.now < *lead.lease_until;
}

// Entries committed by earlier leaders are at most at our own first entry.
Index read_index(const State& s) { return std::max(s.commit, s.lead->noop); }

void answer(State& s, const WaitingRead& read, Output& out) {
  if (read.asker) {
    send_durably(s, *read.asker, ReadReply{s.hard.term, read.ticket, true, read.index}, Index{}, out);
  } else {
    out.outcomes.push_back(ReadReady{read.ticket, read.index});
  }
}

void refuse(State& s, const WaitingRead& read, Errc code, const char* why, Output& out) {
  if (read.asker) {
    send_durably(s, *read.asker, ReadReply{s.hard.term, read.ticket, false, Index{}}, Index{}, out);
  } else {
    out.outcomes.push_back(Refused{read.ticket, Error{code, why}});
  }
}

void take_up(State& s, WaitingRead read, Output& out) {
  auto& lead = *s.lead;
  read.index = read_index(s);
  if (alone(s) || lease_holds(s)) return answer(s, read, out);
  if (lead.reads.size() >= limits::kReadsWaitingMax)
    return refuse(s, read, Errc::busy, "too many reads wait for the leader", out);
  const bool under_way = lead.confirmed_round < lead.round;
  read.round = lead.round + 1;
  lead.reads.push_back(std::move(read));
  if (!under_way) beat(s, out);
}

bool is_heard_by_majority(const State& s) {
  Quorum<Instant> quorum;
  for (const auto& peer : s.configuration().peers)
    if (peer.voter) quorum.add(peer.id == s.config.self ? s.now : s.lead->peers.at(peer.id).heard_at);
  return s.now - quorum.reached() < s.config.election_timeout;
}

Duration lease_length(const Config& config) {
  return config.election_timeout / 1000 *
         (1000 - static_cast<std::int64_t>(std::min(config.clock_drift_per_mille, 1000u)));
}

}  // namespace

void beat(State& s, Output& out) {
  auto& lead = *s.lead;
  ++lead.round;
  lead.round_starts.push_back(s.now);
  lead.next_heartbeat = s.now + s.config.heartbeat_interval;
  for (auto& [id, peer] : lead.peers) {
    // What it acknowledged, with our digest there: nodes that drifted apart find out here.
    const auto term = s.log.term_at(peer.match());
    const EntryId checked = term ? EntryId{*term, peer.match()} : EntryId{};
    const Index commit = std::min(s.commit, checked.index);
    peer.told_commit = std::max(peer.told_commit, commit);
    const auto digest = s.log.digest_at(checked.index).value_or(Digest{});
    send_durably(s, id, Heartbeat{s.hard.term, lead.round, commit, checked, digest}, Index{}, out);
  }
  confirm_rounds(s, out);
}

void on_heartbeat_deadline(State& s, Output& out) {
  // Thesis §6.2: "a leader ... steps down if an election timeout elapses without a successful round
  // of heartbeats to a majority": cut off, it would keep its clients waiting for nothing.
  if (!is_heard_by_majority(s)) {
    LOG(s.logger, warn, "cannot reach a majority, stepping down", {"term", s.hard.term});
    return become_follower(s, s.hard.term, std::nullopt, out);
  }
  beat(s, out);
  drive_catch_ups(s, out);
  drive_transfer(s, out);
}

void confirm_rounds(State& s, Output& out) {
  auto& lead = *s.lead;
  Quorum<std::uint64_t> quorum;
  for (const auto& peer : s.configuration().peers)
    if (peer.voter) quorum.add(peer.id == s.config.self ? lead.round : lead.peers.at(peer.id).acked_round);
  const auto confirmed = quorum.reached();
  if (confirmed <= lead.confirmed_round) return;
  const auto newly = confirmed - lead.confirmed_round;
  ASSERT(newly <= lead.round_starts.size());
  lead.lease_until = lead.round_starts[newly - 1] + lease_length(s.config);
  lead.round_starts.erase(lead.round_starts.begin(),
                          lead.round_starts.begin() + static_cast<std::ptrdiff_t>(newly));
  lead.confirmed_round = confirmed;
  while (!lead.reads.empty() && lead.reads.front().round <= confirmed) {
    answer(s, lead.reads.front(), out);
    lead.reads.pop_front();
  }
  if (!lead.reads.empty() && lead.reads.front().round > lead.round) beat(s, out);
}

void drop_reads(State& s, Output& out) {
  for (const auto& read : s.lead->reads) refuse(s, read, Errc::no_leader, "leadership was lost", out);
  s.lead->reads.clear();
}

void refuse_forwarded(State& s, Output& out) {
  for (const auto& read : s.forwarded)
    out.outcomes.push_back(Refused{read.ticket, Error{Errc::no_leader, "the leader was lost"}});
  s.forwarded.clear();
}

void expire_forwarded(State& s, Output& out) {
  while (!s.forwarded.empty() && s.forwarded.front().deadline <= s.now) {
    out.outcomes.push_back(
        Refused{s.forwarded.front().ticket, Error{Errc::timeout, "the leader did not answer"}});
    s.forwarded.pop_front();
  }
}

void on_input(State& s, const ReadAsked& in, Output& out) {
  if (s.lead) return take_up(s, {in.ticket, std::nullopt, {}, 0}, out);
  if (!s.leader) {
    out.outcomes.push_back(Refused{in.ticket, Error{Errc::no_leader, "no leader is known"}});
  } else if (s.forwarded.size() >= limits::kReadsWaitingMax) {
    out.outcomes.push_back(Refused{in.ticket, Error{Errc::busy, "too many reads wait for the leader"}});
  } else {
    s.forwarded.push_back({in.ticket, s.now + s.config.election_timeout});
    send_durably(s, *s.leader, ReadRequest{s.hard.term, in.ticket}, Index{}, out);
  }
}

void on_message(State& s, const ServerId& from, const HeartbeatReply& r, Output& out) {
  if (!s.lead || r.term != s.hard.term || r.round > s.lead->round) return;
  on_acknowledged(s, from, r.match, out);
  if (!s.lead) return;  // that committed our own removal
  const auto it = s.lead->peers.find(from);
  if (it == s.lead->peers.end()) return;
  auto& peer = it->second;
  const Index match = peer.match();
  peer.answered(r.round, r.agreed, r.last);
  if (peer.match() < match)
    LOG(s.logger, warn, "a follower lost entries it had acknowledged", {"peer", from}, {"match", match},
        {"last", r.last});
  if (peer.state() == Progress::State::snapshot && r.round > peer.transfer.sent_in_round)
    offer_again(s, from, peer, out);
  confirm_rounds(s, out);
}

void on_message(State& s, const ServerId& from, const ReadRequest& r, Output& out) {
  WaitingRead read{r.ticket, from, {}, 0};
  if (!s.lead || r.term != s.hard.term) return refuse(s, read, Errc::no_leader, "", out);
  take_up(s, std::move(read), out);
}

void on_message(State& s, const ServerId& from, const ReadReply& r, Output& out) {
  if (r.term != s.hard.term || s.leader != from) return;
  const auto it = std::find_if(s.forwarded.begin(), s.forwarded.end(),
                               [&](const ForwardedRead& read) { return read.ticket == r.ticket; });
  if (it == s.forwarded.end()) return;
  s.forwarded.erase(it);
  if (r.confirmed) {
    out.outcomes.push_back(ReadReady{r.ticket, r.index});
  } else {
    out.outcomes.push_back(
        Refused{r.ticket, Error{Errc::no_leader, "the leader could not confirm that it leads"}});
  }
}

}  // namespace core::raft
