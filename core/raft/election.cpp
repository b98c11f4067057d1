// SPDX-License-Identifier: MPL-2.0
// Timeouts, pre-votes, votes, becoming leader and ceasing to be one (Raft §5.2, §5.4.1; thesis §9.6).
#include <algorithm>

#include "core/base/assert.h"
#include "core/raft/quorum.h"
#include "core/raft/state.h"

namespace core::raft {
namespace {

constexpr int kQuickTries = 2;

bool alone(const State& s) { return s.is_voter() && s.configuration().voters() == 1; }

// Of the voters of the configuration in force; others may have granted, and so may we, without a vote.
bool has_majority(const State& s) {
  std::size_t granted = 0;
  for (const auto& peer : s.configuration().peers)
    if (peer.voter && s.votes.contains(peer.id)) ++granted;
  return granted >= majority_of(s.configuration().voters());
}

// Raft §5.4.1: "If the logs have last entries with different terms, then the log with the later term
// is more up-to-date. If the logs end with the same term, then whichever log is longer".
bool is_up_to_date(const State& s, EntryId candidates_last) { return candidates_last >= s.log.last(); }

template <class Request>
std::vector<Envelope> to_voters(const State& s, const Request& request) {
  std::vector<Envelope> all;
  for (const auto& peer : s.configuration().peers)
    if (peer.voter && peer.id != s.config.self) all.push_back({peer.id, request});
  return all;
}

void start_pre_election(State& s, Output& out) {
  s.role = Role::pre_candidate;
  s.leader.reset();
  s.votes = {s.config.self};
  refuse_forwarded(s, out);
  LOG(s.logger, debug, "heard of no leader, asking around", {"term", s.hard.term});
  for (auto& envelope : to_voters(s, PreVoteRequest{s.hard.term, s.log.last()}))
    send_durably(s, envelope.to, std::move(envelope.message), Index{}, out);
}

// How long an attempt may take. When the leader's connection broke all followers stand at about the same time,
// and now and then they split the vote or are asked before they have noticed themselves: the first attempts are
// over soon, the second later than the first.
void arm_attempt(State& s) {
  arm_election(s);
  if (!s.election_deadline || s.quick_tries == 0) return;
  const auto least = s.config.heartbeat_interval * (s.quick_tries == kQuickTries ? 2 : 4);
  s.election_deadline = std::min(*s.election_deadline, s.now + least + s.rng.jitter(least));
}

void become_leader(State& s, Output& out) {
  ASSERT(s.role == Role::candidate);
  s.quick_tries = 0;
  LOG(s.logger, info, "elected leader", {"term", s.hard.term}, {"votes", s.votes.size()});
  s.role = Role::leader;
  s.leader = s.config.self;
  s.election_deadline.reset();
  s.heard_at.reset();
  s.votes.clear();
  s.incoming.reset();
  auto& lead = s.lead.emplace();
  const Progress::Window window{s.config.in_flight_appends, s.config.in_flight_bytes};
  for (const auto& peer : s.configuration().peers)
    if (peer.id != s.config.self) lead.peers.try_emplace(peer.id, s.log.last().index.next(), window, s.now);
  // Raft §8: a leader learns what is committed by committing an entry of its own term.
  Proposal nothing;
  nothing.payload = std::make_shared<const Bytes>();
  lead.noop = append(s, EntryKind::noop, std::move(nothing), out).index;
  beat(s, out);
}

void count_vote(State& s, const ServerId& from, Output& out) {
  s.votes.insert(from);
  if (!has_majority(s)) return;
  if (s.role == Role::pre_candidate) {
    start_election(s, false, out);
  } else {
    become_leader(s, out);
  }
}

void step_down(State& s, bool superseded, Output& out) {
  LOG(s.logger, info, "no longer leader", {"term", s.hard.term});
  drop_reads(s, out);
  drop_changes(s, out);
  end_transfer(s, superseded ? ok_status() : Error{Errc::unavailable, "leadership was lost"}, out);
  s.lead.reset();
}

}  // namespace

void arm_election(State& s) {
  s.election_deadline.reset();
  if (!s.may_stand() || s.lead) return;
  // Raft §5.2: randomised, so that votes rarely split.
  s.election_deadline = s.now + s.config.election_timeout + s.rng.jitter(s.config.election_timeout);
}

void arm_first_election(State& s) {
  arm_election(s);
  // Alone there is nobody to wait for.
  if (s.election_deadline && alone(s)) s.election_deadline = s.now;
}

void arm_founding_election(State& s) {
  arm_first_election(s);
  if (!s.election_deadline || alone(s)) return;
  s.quick_tries = kQuickTries;
  arm_attempt(s);
}

void rearm_election(State& s) {
  if (!s.started || s.lead) return;
  if (s.may_stand() != s.election_deadline.has_value()) arm_election(s);
}

void on_election_deadline(State& s, Output& out) {
  ASSERT(!s.lead);
  ASSERT(s.may_stand());
  if (alone(s)) {
    // Nobody else could object; once asked, our own vote only has to become durable.
    s.election_deadline.reset();
    if (s.role != Role::candidate) start_election(s, false, out);
    return;
  }
  if (s.role != Role::follower && s.quick_tries > 0) --s.quick_tries;
  arm_attempt(s);
  // While our disk is slow to take our own vote, nobody has been asked: starting over would only
  // burn terms.
  if (s.role == Role::candidate && !s.hard_state_durable()) return;
  start_pre_election(s, out);
}

void start_election(State& s, bool handed_over, Output& out) {
  ASSERT(s.may_stand());
  s.role = Role::candidate;
  s.leader.reset();
  s.votes.clear();
  refuse_forwarded(s, out);
  set_hard_state(s, {s.hard.term.next(), s.config.self}, out);
  if (!alone(s)) arm_attempt(s);
  LOG(s.logger, debug, "standing for election", {"term", s.hard.term});
  // Not before our own vote is durable: after a crash we might stand in this term again with a
  // shorter log, and be elected by votes given to the longer one.
  for (auto& envelope : to_voters(s, VoteRequest{s.hard.term, s.log.last(), handed_over}))
    out.save.then_send.push_back(std::move(envelope));
}

void count_own_vote(State& s, Output& out) {
  ASSERT(s.role == Role::candidate);
  if (s.hard.voted_for == s.config.self && !s.votes.contains(s.config.self))
    count_vote(s, s.config.self, out);
}

void become_follower(State& s, Term term, std::optional<ServerId> leader, Output& out) {
  ASSERT(term >= s.hard.term);
  const bool superseded = term > s.hard.term;
  if (superseded) {
    set_hard_state(s, {term, {}}, out);
    s.heard_at.reset();
  }
  if (s.leader != leader) refuse_forwarded(s, out);
  if (s.lead) step_down(s, superseded, out);
  s.role = Role::follower;
  s.leader = std::move(leader);
  s.votes.clear();
  if (!s.election_deadline) arm_election(s);
}

bool hear_leader(State& s, const ServerId& from, Output& out) {
  if (s.leader && *s.leader != from) {
    LOG(s.logger, error, "two leaders in one term", {"leader", *s.leader}, {"other", from},
        {"term", s.hard.term});
    return false;
  }
  if (s.role != Role::follower || s.leader != from) {
    become_follower(s, s.hard.term, from, out);
    s.matched = s.commit;
    LOG(s.logger, info, "following", {"leader", from}, {"term", s.hard.term});
  }
  s.heard_at = s.now;
  s.quick_tries = 0;
  arm_election(s);
  return true;
}

bool leader_is_alive(const State& s) {
  return s.lead || (s.heard_at && s.now - *s.heard_at < s.config.election_timeout);
}

void on_unreachable(State& s, const ServerId& id, Output&) {
  if (s.lead) {
    const auto peer = s.lead->peers.find(id);
    if (peer != s.lead->peers.end()) peer->second.pause(s.lead->round);
    return;
  }
  if (s.leader != id || s.config.lease_reads || !s.election_deadline) return;
  // A broken connection says sooner than a timeout that the leader is gone. All followers see it at
  // once, hence the jitter: most of the time one is elected before the next asks.
  LOG(s.logger, debug, "lost the leader's connection", {"leader", id});
  s.heard_at.reset();
  s.quick_tries = kQuickTries;
  s.election_deadline = s.now + s.rng.jitter(s.config.heartbeat_interval);
}

void on_message(State& s, const ServerId& from, const PreVoteRequest& r, Output& out) {
  const bool granted = r.term.next() > s.hard.term && is_up_to_date(s, r.last) && !leader_is_alive(s);
  send_durably(s, from, PreVoteReply{s.hard.term, r.term, granted}, Index{}, out);
}

void on_message(State& s, const ServerId& from, const PreVoteReply& r, Output& out) {
  if (s.role != Role::pre_candidate || r.asked != s.hard.term || !r.granted) return;
  count_vote(s, from, out);
}

void on_message(State& s, const ServerId& from, const VoteRequest& r, Output& out) {
  // Thesis §4.2.3: a server that hears from a leader does not help to depose it, unless the leader
  // asked for that. Silence, so that the candidate's term does not spread either.
  if (r.term > s.hard.term && leader_is_alive(s) && !r.handed_over) return;
  if (r.term > s.hard.term) become_follower(s, r.term, std::nullopt, out);
  const bool free = s.hard.voted_for.empty() || s.hard.voted_for == from;
  const bool granted = r.term == s.hard.term && free && is_up_to_date(s, r.last);
  if (granted) {
    if (s.role == Role::pre_candidate) become_follower(s, r.term, std::nullopt, out);
    if (s.hard.voted_for != from) set_hard_state(s, {s.hard.term, from}, out);
    arm_election(s);
  }
  LOG(s.logger, debug, granted ? "voted" : "refused a vote", {"candidate", from}, {"term", r.term});
  send_durably(s, from, VoteReply{s.hard.term, granted}, Index{}, out);
}

void on_message(State& s, const ServerId& from, const VoteReply& r, Output& out) {
  if (s.role != Role::candidate || r.term != s.hard.term || !r.granted) return;
  count_vote(s, from, out);
}

}  // namespace core::raft
