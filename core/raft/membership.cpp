// SPDX-License-Identifier: MPL-2.0
// One server in or out at a time (Raft thesis §4.1-4.2). A configuration is in force from the moment
// it is in the log, committed or not.
//
// Two rules make it safe: no change while another is uncommitted, and none before the leader has
// committed an entry of its own term (the flaw Ongaro found in 2015: two leaders' uncommitted
// changes can yield disjoint majorities). A voter joins as a non-voter first, so that an empty log
// never counts towards a majority.
#include "core/base/assert.h"
#include "core/base/limits.h"
#include "core/raft/quorum.h"
#include "core/raft/state.h"

namespace core::raft {
namespace {

void done(std::uint64_t ticket, Status status, Output& out) {
  out.outcomes.push_back(PeerChangeDone{ticket, std::move(status)});
}

bool change_in_flight(const State& s) { return s.configurations.back().index > s.commit; }

std::optional<Error> objection(const State& s) {
  if (!s.lead) return Error{Errc::no_leader, "this server is not the leader"};
  if (s.lead->transfer) return Error{Errc::no_leader, "leadership is being handed over"};
  if (s.commit < s.lead->noop)
    return Error{Errc::busy, "the leader has not committed an entry of its term yet"};
  if (change_in_flight(s)) return Error{Errc::busy, "another change of the servers is under way"};
  return std::nullopt;
}

// Keeps one Progress for every other server of the configuration in force.
void match_peers(State& s) {
  auto& lead = *s.lead;
  const Progress::Window window{s.config.in_flight_appends, s.config.in_flight_bytes};
  std::erase_if(lead.peers, [&](const auto& peer) { return s.configuration().find(peer.first) == nullptr; });
  for (const auto& peer : s.configuration().peers)
    if (peer.id != s.config.self) lead.peers.try_emplace(peer.id, s.log.last().index, window, s.now);
}

void propose(State& s, Configuration configuration, PendingChange change, Output& out) {
  ASSERT(!change_in_flight(s));
  ASSERT(configuration.voters() > 0);
  Proposal proposal;
  proposal.payload = std::make_shared<const Bytes>(encode(configuration));
  change.index = append(s, EntryKind::configuration, std::move(proposal), out).index;
  use_configuration(s, change.index, std::move(configuration));
  match_peers(s);
  s.lead->change = std::move(change);
}

void start_catch_up(State& s, const ServerId& id, std::uint64_t ticket, Output& out) {
  auto& all = s.lead->catching_up;
  if (all.contains(id)) return done(ticket, Error{Errc::busy, "the server is catching up already"}, out);
  all[id] = {ticket, s.log.last().index, s.now, s.now + s.config.catch_up_timeout, false};
  check_catch_up(s, id, out);
}

void ask(State& s, const AddPeer& in, std::uint64_t ticket, Output& out) {
  Configuration next = s.configuration();
  const Peer* present = next.find(in.peer.id);
  const bool catch_up = in.peer.voter && (present == nullptr || !present->voter);
  if (present == nullptr && next.peers.size() >= limits::kRaftPeersMax)
    return done(ticket, Error{Errc::rejected, "the cluster has as many servers as it can have"}, out);
  if (present != nullptr && present->address == in.peer.address) {
    if (catch_up) return start_catch_up(s, in.peer.id, ticket, out);
    return done(ticket, ok_status(), out);
  }
  next.put({in.peer.id, in.peer.address, present != nullptr && present->voter});
  PendingChange change{{}, ticket, std::nullopt};
  if (catch_up) change.promote_next = in.peer.id;
  propose(s, std::move(next), std::move(change), out);
}

void ask(State& s, const PromotePeer& in, std::uint64_t ticket, Output& out) {
  const Peer* present = s.configuration().find(in.id);
  if (present == nullptr) return done(ticket, Error{Errc::not_found, "no such server"}, out);
  if (present->voter) return done(ticket, ok_status(), out);
  start_catch_up(s, in.id, ticket, out);
}

void ask(State& s, const RemovePeer& in, std::uint64_t ticket, Output& out) {
  const Peer* present = s.configuration().find(in.id);
  if (present == nullptr) return done(ticket, Error{Errc::not_found, "no such server"}, out);
  if (present->voter && s.configuration().voters() == 1)
    return done(ticket, Error{Errc::rejected, "the last voter cannot be removed"}, out);
  const auto waiting = s.lead->catching_up.find(in.id);
  if (waiting != s.lead->catching_up.end()) {
    done(waiting->second.ticket, Error{Errc::not_found, "the server was removed"}, out);
    s.lead->catching_up.erase(waiting);
  }
  Configuration next = s.configuration();
  next.erase(in.id);
  propose(s, std::move(next), {{}, ticket, std::nullopt}, out);
}

void ask(State& s, const UpdateAddress& in, std::uint64_t ticket, Output& out) {
  Configuration next = s.configuration();
  const Peer* present = next.find(in.id);
  if (present == nullptr) return done(ticket, Error{Errc::not_found, "no such server"}, out);
  if (present->address == in.address) return done(ticket, ok_status(), out);
  next.put({in.id, in.address, present->voter});
  propose(s, std::move(next), {{}, ticket, std::nullopt}, out);
}

void promote(State& s, const ServerId& id, Output& out) {
  const auto it = s.lead->catching_up.find(id);
  ASSERT(it != s.lead->catching_up.end());
  const auto ticket = it->second.ticket;
  s.lead->catching_up.erase(it);
  Configuration next = s.configuration();
  const Peer* present = next.find(id);
  ASSERT(present != nullptr);
  next.put({id, present->address, true});
  LOG(s.logger, info, "a new voter has caught up", {"peer", id});
  propose(s, std::move(next), {{}, ticket, std::nullopt}, out);
}

}  // namespace

void on_input(State& s, const PeerChangeAsked& in, Output& out) {
  if (auto error = objection(s)) return done(in.ticket, std::move(*error), out);
  std::visit([&](const auto& change) { ask(s, change, in.ticket, out); }, in.change);
}

void on_input(State& s, const BootstrapAsked& in, Output& out) {
  // Only a server that has never held an entry: a second first one would be another history. Its
  // term may have moved, by votes or by a crash half-way through this very save.
  if (s.log.last().index.value != 0 || s.leader || in.configuration.voters() == 0) return;
  Entry entry;
  entry.id = {Term{1}, Index{1}};
  entry.kind = EntryKind::configuration;
  entry.payload = std::make_shared<const Bytes>(encode(in.configuration));
  entry.digest = chain_digest(s.log.last_digest(), entry);
  if (s.hard.term < entry.id.term) set_hard_state(s, {entry.id.term, {}}, out);
  s.log.append(entry);
  out.save.append.push_back(std::move(entry));
  use_configuration(s, Index{1}, in.configuration);
  arm_founding_election(s);
}

void on_configuration_committed(State& s, Output& out) {
  auto& lead = *s.lead;
  if (lead.change && lead.change->index <= s.commit) {
    const PendingChange change = *std::exchange(lead.change, std::nullopt);
    if (change.promote_next) {
      start_catch_up(s, *change.promote_next, change.ticket, out);
    } else {
      done(change.ticket, ok_status(), out);
    }
  }
  if (s.configuration().find(s.config.self) == nullptr || !s.is_voter()) {
    // Thesis §4.2.2: a leader that removed itself steps down once that is committed. It hands over,
    // so that nobody has to wait for a timeout.
    if (const auto successor = best_successor(s)) out.send.push_back({*successor, TimeoutNow{s.hard.term}});
    return become_follower(s, s.hard.term, std::nullopt, out);
  }
  drive_catch_ups(s, out);
}

void check_catch_up(State& s, const ServerId& id, Output& out) {
  if (!s.lead) return;
  const auto it = s.lead->catching_up.find(id);
  const auto peer = s.lead->peers.find(id);
  if (it == s.lead->catching_up.end() || peer == s.lead->peers.end()) return;
  auto& catch_up = it->second;
  if (!catch_up.caught_up && peer->second.match() >= catch_up.goal) {
    if (s.now - catch_up.round_started < s.config.election_timeout) {
      catch_up.caught_up = true;
    } else {
      catch_up.goal = s.log.last().index;
      catch_up.round_started = s.now;
    }
  }
  if (catch_up.caught_up && !objection(s)) promote(s, id, out);
}

void drive_catch_ups(State& s, Output& out) {
  if (!s.lead) return;
  std::vector<ServerId> waiting;
  for (const auto& [id, catch_up] : s.lead->catching_up) waiting.push_back(id);
  for (const auto& id : waiting) {
    check_catch_up(s, id, out);
    const auto it = s.lead->catching_up.find(id);
    if (it == s.lead->catching_up.end() || s.now < it->second.deadline) continue;
    LOG(s.logger, warn, "a new voter did not catch up; it stays a non-voter", {"peer", id});
    done(it->second.ticket, Error{Errc::timeout, "the server did not catch up in time"}, out);
    s.lead->catching_up.erase(it);
  }
}

void drop_changes(State& s, Output& out) {
  const Error lost{Errc::unknown_fate, "leadership was lost"};
  if (s.lead->change) done(s.lead->change->ticket, lost, out);
  for (const auto& [id, catch_up] : s.lead->catching_up) done(catch_up.ticket, lost, out);
  s.lead->change.reset();
  s.lead->catching_up.clear();
}

}  // namespace core::raft
