// SPDX-License-Identifier: MPL-2.0
// A leader's side of replication: append, send, take acknowledgements, advance commit (Raft §5.3-5.4).
#include <algorithm>

#include "core/base/assert.h"
#include "core/base/limits.h"
#include "core/raft/quorum.h"
#include "core/raft/state.h"

namespace core::raft {
namespace {

// While it is not known where the logs agree, an append is a question, and may be asked again.
constexpr std::size_t kProbeBytes = 64 * limits::kKiB;

// What may speak against a proposal; nothing for the non-leader's clients to retry here.
std::optional<Error> objection(const State& s, const Proposal& proposal) {
  if (!s.lead) return Error{Errc::no_leader, "this server is not the leader"};
  if (s.lead->transfer) return Error{Errc::no_leader, "leadership is being handed over"};
  if (proposal.payload->size() > limits::kEventBytesMax)
    return Error{Errc::too_large, "event of " + std::to_string(proposal.payload->size()) + " bytes"};
  const auto bytes = s.lead->uncommitted_bytes;
  if (bytes > 0 && bytes + proposal.payload->size() > s.config.uncommitted_bytes)
    return Error{Errc::busy, "too many writes wait for their commit"};
  return std::nullopt;
}

struct Batch {
  std::vector<Entry> entries;
  std::size_t bytes = 0;
};

// One append takes at least one entry, however large, then as many as fit. False: this one does not.
bool put(Batch& batch, const Entry& entry, std::size_t bytes_max) {
  const auto size = entry.payload->size();
  if (batch.entries.size() >= limits::kAppendBatchEntries) return false;
  if (!batch.entries.empty() && batch.bytes + size > bytes_max) return false;
  batch.bytes += size;
  batch.entries.push_back(entry);
  return true;
}

std::size_t batch_bytes(const State& s, const Progress& peer) {
  const bool probing = peer.state() == Progress::State::probe;
  return probing ? std::min(kProbeBytes, s.config.append_bytes) : s.config.append_bytes;
}

std::optional<LogPoint> point_at(const State& s, const Progress& peer, Index index) {
  if (peer.read_point && peer.read_point->id.index == index) return peer.read_point;
  const auto term = s.log.term_at(index);
  const auto digest = s.log.digest_at(index);
  if (!term || !digest) return std::nullopt;
  return LogPoint{{*term, index}, *digest};
}

void send_append(State& s, const ServerId& to, Progress& peer, LogPoint previous, Batch batch, Output& out) {
  peer.sent(batch.entries.back().id.index, batch.bytes, s.lead->round);
  peer.told_commit = s.commit;
  out.send.push_back(
      {to, AppendRequest{s.hard.term, previous.id, previous.digest, s.commit, std::move(batch.entries)}});
}

// The follower is behind what memory holds: have it read, or start over from a snapshot.
void fetch(State& s, const ServerId& to, Progress& peer, Output& out) {
  if (peer.reading || peer.read_failed_in_round == s.lead->round) return;
  const Index previous = peer.next().prev();
  const Index from = point_at(s, peer, previous) ? peer.next() : previous;
  if (from < s.log.first()) return start_transfer(s, to, peer, out);
  peer.reading = true;
  out.reads.push_back(ReadLog{to, from, s.log.base().index, batch_bytes(s, peer)});
}

void send_to(State& s, const ServerId& to, Progress& peer, Output& out) {
  while (peer.may_send() && !peer.reading && peer.next() <= s.log.last().index) {
    const auto previous = point_at(s, peer, peer.next().prev());
    if (!previous || s.log.find(peer.next()) == nullptr) return fetch(s, to, peer, out);
    const auto bytes_max = batch_bytes(s, peer);
    Batch batch;
    for (Index index = peer.next(); index <= s.log.last().index; index = index.next())
      if (!put(batch, *s.log.find(index), bytes_max)) break;
    send_append(s, to, peer, *previous, std::move(batch), out);
  }
}

bool is_caught_up(const State& s, const Progress& peer) {
  return peer.state() == Progress::State::replicate && peer.match() == s.log.last().index;
}

bool lacks_news(const State& s, const Progress& peer) { return is_caught_up(s, peer) && peer.told_commit < s.commit; }

void subtract_uncommitted(State& s, Index from, Index to) {
  auto& bytes = s.lead->uncommitted_bytes;
  for (Index index = std::max(from, s.lead->noop.prev()).next(); index <= to; index = index.next()) {
    const auto* entry = s.log.find(index);
    ASSERT(entry != nullptr);
    ASSERT(bytes >= entry->payload->size());
    bytes -= entry->payload->size();
  }
}

Progress* find_peer(State& s, const ServerId& id, Term term) {
  if (!s.lead || term != s.hard.term) return nullptr;
  const auto it = s.lead->peers.find(id);
  return it == s.lead->peers.end() ? nullptr : &it->second;
}

}  // namespace

EntryId append(State& s, EntryKind kind, Proposal proposal, Output& out) {
  ASSERT(s.lead);
  Entry entry;
  entry.id = {s.hard.term, s.log.last().index.next()};
  entry.kind = kind;
  entry.type = proposal.type;
  entry.time = proposal.time;
  entry.request = proposal.request;
  entry.payload = std::move(proposal.payload);
  entry.digest = chain_digest(s.log.last_digest(), entry);
  s.lead->uncommitted_bytes += entry.payload->size();
  s.log.append(entry);
  const EntryId id = entry.id;
  out.save.append.push_back(std::move(entry));
  return id;
}

void on_input(State& s, const Proposed& in, Output& out) {
  out.outcomes.reserve(in.proposals.size());
  out.save.append.reserve(in.proposals.size());
  for (const auto& proposal : in.proposals) {
    ASSERT(proposal.payload != nullptr);
    if (auto error = objection(s, proposal)) {
      out.outcomes.push_back(Refused{proposal.ticket, std::move(*error)});
    } else {
      out.outcomes.push_back(Appended{proposal.ticket, append(s, EntryKind::command, proposal, out)});
    }
  }
}

void replicate(State& s, Output& out) {
  auto& lead = *s.lead;
  bool waiting = false;
  for (auto& [id, peer] : lead.peers) {
    send_to(s, id, peer, out);
    waiting = waiting || lacks_news(s, peer);
  }
  if (!waiting) return lead.news_due.reset();
  if (!lead.news_due) lead.news_due = s.now + s.config.news_wait;
  if (s.now < *lead.news_due) return;
  // Nothing followed that could carry the news: an idle follower would learn of this commit only with the
  // next heartbeat.
  lead.news_due.reset();
  for (auto& [id, peer] : lead.peers) {
    if (!lacks_news(s, peer)) continue;
    peer.told_commit = s.commit;
    out.send.push_back({id, Heartbeat{s.hard.term, lead.round, s.commit, s.log.last(), s.log.last_digest()}});
  }
}

void advance_commit(State& s, Output& out) {
  ASSERT(s.lead);
  Quorum<Index> quorum;
  for (const auto& peer : s.configuration().peers) {
    if (!peer.voter) continue;
    quorum.add(peer.id == s.config.self ? s.log.durable() : s.lead->peers.at(peer.id).match());
  }
  const Index majority = quorum.reached();
  if (majority <= s.commit) return;
  // Raft §5.4.2: "only log entries from the leader's current term are committed by counting
  // replicas". An older one may sit on a majority and still be overwritten (figure 8).
  if (s.log.term_at(majority) != s.hard.term) return;
  subtract_uncommitted(s, s.commit, majority);
  set_commit(s, majority, out);
}

void on_input(State& s, const LogRead& in, Output& out) {
  auto* peer = find_peer(s, in.to, s.hard.term);
  if (peer == nullptr || !peer->reading) return;
  peer->reading = false;
  if (!in.entries.ok()) {
    LOG(s.logger, warn, "cannot read the log for a follower", {"peer", in.to}, {"from", in.from},
        {"error", in.entries.error()});
    peer->read_failed_in_round = s.lead->round;
    if (peer->state() != Progress::State::snapshot && s.snapshot.last.index >= peer->next())
      start_transfer(s, in.to, *peer, out);
    return;
  }
  // Since we asked, the follower may have moved; then replicate() asks again, or need not.
  const auto& read = *in.entries;
  if (read.empty() || !peer->may_send()) return;
  const Index next = peer->next();
  if (in.from > next || next.value - in.from.value > read.size()) return;
  const auto first = next.value - in.from.value;
  if (first > 0) peer->read_point = LogPoint{read[first - 1].id, read[first - 1].digest};
  const auto previous = point_at(s, *peer, next.prev());
  // An entry as large as a batch comes alone; what follows it is asked for next.
  if (!previous || first == read.size()) return;
  Batch batch;
  for (auto entry = read.begin() + static_cast<std::ptrdiff_t>(first); entry != read.end(); ++entry)
    if (!put(batch, *entry, batch_bytes(s, *peer))) break;
  send_append(s, in.to, *peer, *previous, std::move(batch), out);
}

void on_message(State& s, const ServerId& from, const AppendReply& r, Output& out) {
  if (r.term == s.hard.term) on_acknowledged(s, from, r.match, out);
}

void on_acknowledged(State& s, const ServerId& from, Index match, Output& out) {
  auto* peer = find_peer(s, from, s.hard.term);
  if (peer == nullptr) return;
  if (match > s.log.last().index) {
    LOG(s.logger, warn, "a follower acknowledged what we never sent", {"peer", from}, {"match", match});
    return;
  }
  if (!peer->acknowledged(match, s.lead->round)) return;
  if (peer->state() == Progress::State::snapshot && match >= peer->transfer.snapshot.last.index)
    peer->end_snapshot(match, s.lead->round);
  advance_commit(s, out);
  check_catch_up(s, from, out);
  if (s.lead) drive_transfer(s, out);
}

void on_message(State& s, const ServerId& from, const AppendRefusal& r, Output&) {
  auto* peer = find_peer(s, from, r.term);
  if (peer == nullptr) return;
  // Both sides skip a term at a time: the hint is the follower's newest entry that is no newer in
  // term than what it refused, and ours must be no newer than the hint.
  const Index agreed = s.log.newest_at_most(r.hint.index, r.hint.term).index;
  if (peer->refused(r.previous.index, agreed))
    LOG(s.logger, debug, "a follower's log differs", {"peer", from}, {"refused", r.previous.index},
        {"next", peer->next()});
}

}  // namespace core::raft
