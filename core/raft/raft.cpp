// SPDX-License-Identifier: MPL-2.0
#include "core/raft/raft.h"

#include <algorithm>

#include "core/base/assert.h"
#include "core/raft/invariants.h"
#include "core/raft/state.h"

namespace core::raft {
namespace {

LogTailStart log_start(Restored& restored) {
  return {
      restored.snapshot.last, restored.snapshot.digest, restored.first,          std::move(restored.terms),
      restored.base,          restored.base_digest,     std::move(restored.tail)};
}

std::vector<ConfigurationAt> configurations_of(const Restored& restored) {
  std::vector<ConfigurationAt> all{{restored.configuration_index, restored.configuration}};
  for (const auto& entry : restored.tail) {
    if (entry.kind != EntryKind::configuration) continue;
    auto configuration = decode_configuration(*entry.payload);
    if (!configuration.ok()) PANIC("a configuration in our own log does not decode");
    if (entry.id.index <= restored.applied) all.clear();
    all.push_back({entry.id.index, std::move(*configuration)});
  }
  return all;
}

bool asks_for_vote(const Message& message) {
  return std::holds_alternative<PreVoteRequest>(message) || std::holds_alternative<VoteRequest>(message);
}

void on_input(State& s, const Received& in, Output& out) {
  if (in.from == s.config.self) return;
  const Term term = term_of(in.message);
  // Raft §5.1: "If a server receives a request with a stale term number, it rejects"; a newer term
  // makes us a follower. Requests for votes decide for themselves: one that comes while a leader is
  // alive must not move our term (thesis §4.2.3).
  if (term > s.hard.term && !asks_for_vote(in.message)) become_follower(s, term, std::nullopt, out);
  if (s.lead && term == s.hard.term) {
    const auto peer = s.lead->peers.find(in.from);
    if (peer != s.lead->peers.end()) peer->second.heard_at = s.now;
  }
  std::visit([&](const auto& message) { on_message(s, in.from, message, out); }, in.message);
}

void on_input(State& s, const Saved& in, Output& out) {
  ASSERT(in.number <= s.saves.given);
  s.saves.durable = std::max(s.saves.durable, in.number);
  s.log.saved(in.number);
  if (s.to_install && s.log.durable() >= s.to_install->last.index) finish_install(s, out);
  if (s.role == Role::candidate && s.hard_state_durable()) count_own_vote(s, out);
  if (s.lead) advance_commit(s, out);
}

void on_input(State&, const Woke&, Output&) {}  // every step looks at the deadlines

void on_input(State& s, const Applied& in, Output&) {
  ASSERT(in.index <= s.handed);
  s.applied = std::max(s.applied, in.index);
}

void on_input(State& s, const PeerUnreachable& in, Output& out) { on_unreachable(s, in.id, out); }

void begin(State& s) {
  if (s.started) return;
  s.started = true;
  // Before it restarted, this server may have heard from a leader that still counts on its lease.
  if (s.config.lease_reads && s.configuration().voters() > 1) s.heard_at = s.now;
  arm_first_election(s);
}

void configuration_moved(State& s) {
  s.configuration_changed = true;
  rearm_election(s);
}

void run_deadlines(State& s, Output& out) {
  expire_forwarded(s, out);
  if (s.lead) {
    if (s.now >= s.lead->next_heartbeat) on_heartbeat_deadline(s, out);
  } else if (s.election_deadline && s.now >= *s.election_deadline) {
    on_election_deadline(s, out);
  }
}

// Only what is durable here: the state machine never gets ahead of its own log, so that a restart
// finds each applied entry in it.
void hand_committed(State& s, Output& out) {
  if (s.to_install) return;
  const Index end = std::min(s.commit, s.log.durable());
  if (s.handed >= end) return;
  out.committed.reserve(end.value - s.handed.value);
  while (s.handed < end) {
    const auto* entry = s.log.find(s.handed.next());
    ASSERT(entry != nullptr);
    out.committed.push_back(*entry);
    s.handed = s.handed.next();
  }
}

void number_save(State& s, Save& save) {
  if (save.empty()) return;
  save.number = ++s.saves.given;
  if (save.hard_state) s.saves.hard_state = save.number;
  if (save.reset_to || save.truncate_from || !save.append.empty()) s.log.saving(save.number);
}

void report_changes(State& s, const Summary& before, Output& out) {
  if (s.configuration_changed) {
    s.configuration_changed = false;
    out.outcomes.push_back(ConfigurationChanged{s.configuration(), s.configurations.back().index});
  }
  if (s.role != before.role || s.leader != before.leader || s.hard.term != before.term)
    out.outcomes.push_back(LeadershipChanged{s.role, s.hard.term, s.leader});
}

void finish(State& s, const Summary& before, Output& out) {
  if (s.lead) replicate(s, out);
  hand_committed(s, out);
  // Alone there is no follower that might be late; one that joins begins with what is on disk.
  const bool followed = s.configuration().peers.size() > 1;
  s.log.shed(std::min(s.handed, s.log.durable()), followed ? s.config.tail_bytes : 0);
  number_save(s, out.save);
  report_changes(s, before, out);
}

PeerStatus status_of(const Peer& peer, const State& s) {
  PeerStatus status{peer, {}, {}, {}, std::nullopt};
  if (!s.lead) return status;
  const auto it = s.lead->peers.find(peer.id);
  if (it == s.lead->peers.end()) return status;
  status.state = to_string(it->second.state());
  status.match = it->second.match();
  status.next = it->second.next();
  status.heard_at = it->second.heard_at;
  return status;
}

}  // namespace

std::string_view to_string(Role role) {
  switch (role) {
    case Role::follower:
      return "follower";
    case Role::pre_candidate:
      return "pre-candidate";
    case Role::candidate:
      return "candidate";
    case Role::leader:
      return "leader";
  }
  UNREACHABLE();
}

State::State(Config c, Restored restored, Rng r, Logger l)
    : config(std::move(c)),
      rng(r),
      logger(std::move(l)),
      hard(restored.hard_state),
      configurations(configurations_of(restored)),
      log(log_start(restored)),
      snapshot(std::move(restored.snapshot)),
      commit(restored.applied),
      handed(restored.applied),
      applied(restored.applied) {
  ASSERT(!config.self.empty());
  ASSERT(config.heartbeat_interval > 0ns);
  ASSERT(config.heartbeat_interval < config.election_timeout);
  ASSERT(log.base().index <= applied);
  ASSERT(applied <= log.last().index);
  ASSERT(snapshot.last.index <= applied);
  ASSERT(log.first().prev() <= snapshot.last.index);
  ASSERT(log.last().term <= hard.term);
}

bool State::may_stand() const {
  return std::any_of(configurations.begin(), configurations.end(),
                     [this](const ConfigurationAt& at) { return at.value.is_voter(config.self); });
}

void set_hard_state(State& s, HardState hard, Output& out) {
  ASSERT(hard.term >= s.hard.term);
  s.hard = hard;
  out.save.hard_state = std::move(hard);
}

void send_durably(State& s, const ServerId& to, Message message, Index upto, Output& out) {
  const bool waits = out.save.hard_state || !s.hard_state_durable() || upto > s.log.durable();
  (waits ? out.save.then_send : out.send).push_back({to, std::move(message)});
}

void use_configuration(State& s, Index index, Configuration configuration) {
  s.configurations.push_back({index, std::move(configuration)});
  configuration_moved(s);
}

void cut_configurations(State& s, Index from) {
  if (s.configurations.back().index < from) return;
  while (s.configurations.size() > 1 && s.configurations.back().index >= from) s.configurations.pop_back();
  configuration_moved(s);
}

void set_commit(State& s, Index index, Output& out) {
  if (index <= s.commit) return;
  ASSERT(index <= s.log.last().index);
  s.commit = index;
  bool configuration_committed = false;
  while (s.configurations.size() > 1 && s.configurations[1].index <= index) {
    s.configurations.erase(s.configurations.begin());
    configuration_committed = true;
  }
  if (!configuration_committed) return;
  rearm_election(s);
  if (s.lead) on_configuration_committed(s, out);
}

void diverge(State& s, Index index, Output& out) {
  if (s.diverged) return;
  LOG(s.logger, error, "our history is not the cluster's; this server must stop", {"index", index});
  s.diverged = true;
  out.outcomes.push_back(Diverged{index});
}

Raft::Raft(Config config, Restored restored, Rng rng, Logger logger)
    : state_(std::make_unique<State>(std::move(config), std::move(restored), rng, std::move(logger))) {}
Raft::Raft(Raft&&) noexcept = default;
Raft& Raft::operator=(Raft&&) noexcept = default;
Raft::~Raft() = default;

Output Raft::step(const Input& input, Instant now) {
  State& s = *state_;
  Output out;
  if (s.diverged) return out;
  ASSERT(!s.started || now >= s.now);
  s.now = now;
  begin(s);
  const Summary before = summarize(s);
  std::visit([&](const auto& in) { on_input(s, in, out); }, input);
  if (!s.diverged) run_deadlines(s, out);
  if (s.diverged) {  // nothing this step wanted to say, save or apply may leave
    Output last;
    last.outcomes = std::move(out.outcomes);
    return last;
  }
  finish(s, before, out);
  check(s, before);
  return out;
}

std::optional<Instant> Raft::next_deadline() const {
  const State& s = *state_;
  if (s.diverged) return std::nullopt;
  if (!s.started) return s.may_stand() ? std::optional<Instant>(Instant{}) : std::nullopt;
  std::optional<Instant> next;
  if (s.lead) {
    if (!s.lead->peers.empty()) next = s.lead->next_heartbeat;
    if (next && s.lead->news_due) next = std::min(*next, *s.lead->news_due);
  } else {
    next = s.election_deadline;
  }
  if (!s.forwarded.empty() && (!next || s.forwarded.front().deadline < *next))
    next = s.forwarded.front().deadline;
  return next;
}

Role Raft::role() const { return state_->role; }
Term Raft::term() const { return state_->hard.term; }
Index Raft::commit() const { return state_->commit; }
std::optional<ServerId> Raft::leader() const { return state_->leader; }

StatusReport Raft::status() const {
  const State& s = *state_;
  StatusReport report;
  report.role = s.role;
  report.term = s.hard.term;
  report.leader = s.leader;
  report.last = s.log.last();
  report.first = s.log.first();
  report.durable = s.log.durable();
  report.commit = s.commit;
  report.applied = s.applied;
  report.snapshot = s.snapshot.last;
  report.configuration = s.configuration();
  report.configuration_index = s.configurations.back().index;
  report.configuration_committed = report.configuration_index <= s.commit;
  report.heard_from_leader_at = s.heard_at;
  for (const auto& peer : s.configuration().peers)
    if (peer.id != s.config.self) report.peers.push_back(status_of(peer, s));
  return report;
}

}  // namespace core::raft
