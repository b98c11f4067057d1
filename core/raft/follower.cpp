// SPDX-License-Identifier: MPL-2.0
// A follower's side of replication: gap, conflict, append, commit (Raft §5.3).
//
// Every entry's digest is checked against our own chain before it is saved. If ids agree where
// digests do not, two histories were written under the same terms: a bug, or a disk that lied. Then
// this server stops, because it cannot know which of its own answers are true.
#include <algorithm>
#include <span>

#include "core/base/assert.h"
#include "core/raft/state.h"

namespace core::raft {
namespace {

// Ids run on from `previous`, terms never fall and none is ahead of the sender's.
bool is_well_formed(const AppendRequest& r) {
  EntryId last = r.previous;
  for (const auto& entry : r.entries) {
    if (entry.id.index != last.index.next() || entry.id.term < last.term || entry.id.term > r.term)
      return false;
    last = entry.id;
  }
  return true;
}

bool differs(const State& s, Index index, const Digest& digest) {
  const auto ours = s.log.digest_at(index);
  return ours && *ours != digest;
}

// Raft §5.3: "reply false if log doesn't contain an entry at prevLogIndex whose term matches
// prevLogTerm". The hint skips what cannot agree either: a whole term a message.
void refuse(State& s, const ServerId& from, const AppendRequest& r, Output& out) {
  EntryId hint = s.log.newest_at_most(r.previous.index, r.previous.term);
  if (hint.index < s.commit) {  // what is committed agrees
    const auto term = s.log.term_at(s.commit);
    ASSERT(term);
    hint = {*term, s.commit};
  }
  send_durably(s, from, AppendRefusal{s.hard.term, r.previous, hint}, Index{}, out);
}

// Drops what we have already. Stops at the first entry that is new or stands against ours.
std::span<const Entry> skip_known(State& s, std::span<const Entry> entries, Output& out) {
  while (!entries.empty() && s.log.holds(entries.front().id)) {
    if (differs(s, entries.front().id.index, entries.front().digest)) {
      diverge(s, entries.front().id.index, out);
      return {};
    }
    entries = entries.subspan(1);
  }
  return entries;
}

bool is_intact(Digest previous, std::span<const Entry> entries) {
  for (const auto& entry : entries) {
    if (chain_digest(previous, entry) != entry.digest) return false;
    if (entry.kind == EntryKind::configuration && !decode_configuration(*entry.payload).ok()) return false;
    previous = entry.digest;
  }
  return true;
}

void truncate(State& s, Index from, Output& out) {
  LOG(s.logger, info, "cutting off entries that lost an election", {"from", from},
      {"last", s.log.last().index});
  s.log.truncate_from(from);
  cut_configurations(s, from);
  out.save.truncate_from = from;
}

// REQUIRES: the log holds the entry before the first one.
bool take(State& s, std::span<const Entry> entries, Output& out) {
  const Index first = entries.front().id.index;
  if (first <= s.commit) {
    diverge(s, first, out);  // State Machine Safety: a committed entry is never replaced
    return false;
  }
  const auto previous = s.log.digest_at(first.prev());
  ASSERT(previous);
  if (!is_intact(*previous, entries)) {
    LOG(s.logger, warn, "dropped an append that was damaged on the way", {"from", first});
    return false;
  }
  if (first <= s.log.last().index) truncate(s, first, out);
  out.save.append.reserve(out.save.append.size() + entries.size());
  for (const auto& entry : entries) {
    s.log.append(entry);
    out.save.append.push_back(entry);
    if (entry.kind != EntryKind::configuration) continue;
    use_configuration(s, entry.id.index, decode_configuration(*entry.payload).value());
  }
  return true;
}

}  // namespace

void on_message(State& s, const ServerId& from, const AppendRequest& r, Output& out) {
  if (r.term < s.hard.term) return refuse(s, from, r, out);  // a leader of old learns our term
  if (!hear_leader(s, from, out) || !is_well_formed(r)) return;

  if (!s.log.holds(r.previous)) {
    if (r.previous.index > s.commit) return refuse(s, from, r, out);
    if (s.log.term_at(r.previous.index)) return diverge(s, r.previous.index, out);
    // Compacted away, hence committed: Leader Completeness says that the leader has the same.
    return send_durably(s, from, AppendReply{s.hard.term, s.commit}, s.commit, out);
  }
  if (differs(s, r.previous.index, r.previous_digest)) return diverge(s, r.previous.index, out);

  const auto fresh = skip_known(s, r.entries, out);
  if (s.diverged) return;
  if (!fresh.empty() && !take(s, fresh, out)) return;
  const Index match{r.previous.index.value + r.entries.size()};
  // Raft §5.3: "set commitIndex = min(leaderCommit, index of last new entry)": what follows in our
  // log is not yet known to agree.
  set_commit(s, std::min(r.commit, match), out);
  s.matched = std::max(s.matched, match);
  send_durably(s, from, AppendReply{s.hard.term, match}, match, out);
}

void on_message(State& s, const ServerId& from, const Heartbeat& r, Output& out) {
  if (r.term >= s.hard.term) {
    if (!hear_leader(s, from, out)) return;
    const auto term = s.log.term_at(r.checked.index);
    if (r.checked.index.value > 0 && r.checked.index <= s.log.last().index && term) {
      // We acknowledged this entry; the same id must stand for the same history.
      const bool comparable = r.digest != Digest{};
      if (*term != r.checked.term || (comparable && differs(s, r.checked.index, r.digest)))
        return diverge(s, r.checked.index, out);
      set_commit(s, std::min(r.commit, r.checked.index), out);
    }
  }
  const Index agreed = r.term == s.hard.term ? std::max(s.matched, s.commit) : Index{};
  const HeartbeatReply reply{s.hard.term, r.round, std::min(agreed, s.log.durable()), agreed,
                             s.log.last().index};
  send_durably(s, from, reply, Index{}, out);
}

}  // namespace core::raft
