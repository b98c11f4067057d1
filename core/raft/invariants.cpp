// SPDX-License-Identifier: MPL-2.0
#include "core/raft/invariants.h"

#include "core/base/assert.h"

namespace core::raft {
namespace {

void check_deltas(const State& s, const Summary& before) {
  ASSERT(s.hard.term >= before.term);
  ASSERT(s.commit >= before.commit);
  ASSERT(s.handed >= before.handed);
  ASSERT(s.applied >= before.applied);
  if (s.hard.term != before.term) return;
  ASSERT(!before.voted || !s.hard.voted_for.empty());  // a vote is not taken back in its term
  if (before.leader && s.leader) ASSERT(*s.leader == *before.leader || before.role == Role::pre_candidate);
  if (before.role == Role::leader && s.role == Role::leader) {
    ASSERT(s.log.last() >= before.last);  // Leader Append-Only
  } else if (before.role == Role::leader) {
    ASSERT(s.role == Role::follower);  // it stands again only in a later term
  }
}

void check_log(const State& s) {
  ASSERT(s.log.last().term <= s.hard.term);
  ASSERT(s.log.last().index >= s.commit);
  ASSERT(s.handed <= s.commit);
  ASSERT(s.applied <= s.handed);
  ASSERT(s.log.durable() >= s.handed);
  ASSERT(s.to_install || s.log.base().index <= s.handed);
  ASSERT(s.configurations.back().index <= s.log.last().index);
  if (s.configurations.size() > 1) ASSERT(s.configurations[1].index > s.commit);
}

void check_leader(const State& s) {
  ASSERT((s.role == Role::leader) == s.lead.has_value());
  if (!s.lead) return;
  ASSERT(s.leader == s.config.self);
  ASSERT(s.hard.voted_for == s.config.self);
  ASSERT(s.log.last().index >= s.lead->noop);
  ASSERT(s.log.term_at(s.lead->noop) == s.hard.term || s.lead->noop < s.log.first());
  ASSERT(s.lead->confirmed_round + s.lead->round_starts.size() == s.lead->round);
  for (const auto& [id, peer] : s.lead->peers) {
    ASSERT(peer.match() < peer.next());
    ASSERT(peer.match() <= s.log.last().index);
    ASSERT(peer.next() <= s.log.last().index.next());
    ASSERT(peer.in_flight() <= s.config.in_flight_appends);
  }
}

}  // namespace

Summary summarize(const State& s) {
  return {s.hard.term, !s.hard.voted_for.empty(), s.role, s.leader, s.log.last(), s.commit, s.handed,
          s.applied};
}

void check(const State& s, const Summary& before) {
  check_deltas(s, before);
  check_log(s);
  check_leader(s);
}

}  // namespace core::raft
