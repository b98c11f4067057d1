// SPDX-License-Identifier: MPL-2.0
// Snapshots: what may go once one was taken, and sending one to a follower that needs entries we
// have no more (Raft §7), in pieces that can be taken up again where they broke off.
//
//   leader                           follower
//   offer (no bytes) ------------->
//            <---- where to go on --  0, or further if it holds a part of this very snapshot
//   ReadSnapshot, piece ---------->  StoreSnapshot
//            <---- where to go on --  once the piece is stored
//   ... last piece --------------->  stored, checked, durable: the log is reset to it (one save),
//            <---- installed -------  then the state machine is replaced
//
// A lost message is noticed at the next heartbeat that is answered: the leader offers again.
#include <algorithm>

#include "core/base/assert.h"
#include "core/raft/state.h"

namespace core::raft {
namespace {

std::shared_ptr<const Bytes> no_bytes() {
  static const auto empty = std::make_shared<const Bytes>();
  return empty;
}

// What the log must keep for followers. One that is alive should not be sent a second snapshot for
// being a little slow, so it may pin entries: those since the snapshot before, or since the one
// it is being sent.
Index oldest_needed(const State& s, Index previous_snapshot) {
  Index needed = s.log.last().index;
  if (!s.lead) return needed;
  for (const auto& [id, peer] : s.lead->peers) {
    if (s.now - peer.heard_at >= s.config.election_timeout) continue;
    if (peer.state() == Progress::State::snapshot) {
      needed = std::min(needed, peer.transfer.snapshot.last.index);
    } else {
      needed = std::min(needed, std::max(peer.match(), previous_snapshot));
    }
  }
  return needed;
}

void tell_where(State& s, const ServerId& to, const EntryId& snapshot, std::uint64_t next_offset,
                Output& out) {
  send_durably(s, to, InstallReply{s.hard.term, snapshot, next_offset, false}, Index{}, out);
}

void tell_installed(State& s, const ServerId& to, const EntryId& snapshot, Output& out) {
  send_durably(s, to, InstallReply{s.hard.term, snapshot, 0, true}, snapshot.index, out);
}

// Does our log hold what the snapshot ends with? Then it is known to be committed, and nothing needs
// installing (Raft §7: "if existing log entry has same index and term ..., retain log entries").
bool is_covered(State& s, const SnapshotMeta& snapshot, Output& out) {
  if (snapshot.last.index <= s.commit) {
    const auto term = s.log.term_at(snapshot.last.index);
    if (term && *term != snapshot.last.term) diverge(s, snapshot.last.index, out);
    return true;
  }
  if (!s.log.holds(snapshot.last)) return false;
  const auto digest = s.log.digest_at(snapshot.last.index);
  if (digest && *digest != snapshot.digest) diverge(s, snapshot.last.index, out);
  if (!s.diverged) set_commit(s, snapshot.last.index, out);
  return true;
}

void reset_log(State& s, SnapshotMeta snapshot, Output& out) {
  LOG(s.logger, info, "starting over from a leader's snapshot", {"index", snapshot.last.index},
      {"term", snapshot.last.term});
  s.log.reset_to(snapshot.last, snapshot.digest, s.handed);
  s.configurations.clear();
  use_configuration(s, snapshot.configuration_index, snapshot.configuration);
  s.commit = snapshot.last.index;
  s.snapshot = snapshot;
  out.save.reset_to = snapshot;
  s.to_install = std::move(snapshot);
}

}  // namespace

void on_input(State& s, const SnapshotTaken& in, Output& out) {
  if (in.snapshot.last.index <= s.snapshot.last.index) return;
  ASSERT(in.snapshot.last.index <= s.applied);
  const Index previous = s.snapshot.last.index;
  s.snapshot = in.snapshot;
  s.log.set_snapshot(in.snapshot.last, in.snapshot.digest);
  const auto trailing = std::min(in.trailing, in.snapshot.last.index.value);
  // Back to the snapshot before, which takes over should this one turn out damaged.
  const Index keep = std::min({Index{in.snapshot.last.index.value - trailing + 1}, previous.next(), oldest_needed(s, previous)});
  if (keep <= s.log.first()) return;
  s.log.drop_before(keep);
  out.save.drop_before = keep;
}

// ---- the leader's side ----

void start_transfer(State& s, const ServerId& to, Progress& peer, Output& out) {
  if (s.snapshot.last.index.value == 0) {
    LOG(s.logger, warn, "a follower needs a snapshot and there is none", {"peer", to}, {"next", peer.next()});
    return peer.pause(s.lead->round);
  }
  LOG(s.logger, info, "sending a snapshot", {"peer", to}, {"index", s.snapshot.last.index});
  peer.begin_snapshot(s.snapshot, s.lead->round);
  offer_again(s, to, peer, out);
}

void offer_again(State& s, const ServerId& to, Progress& peer, Output& out) {
  auto& transfer = peer.transfer;
  if (transfer.reading) return;
  transfer.unanswered_offset.reset();
  transfer.sent_in_round = s.lead->round;
  out.send.push_back({to, InstallRequest{s.hard.term, transfer.snapshot, 0, 0, no_bytes()}});
}

void on_message(State& s, const ServerId& from, const InstallReply& r, Output& out) {
  if (!s.lead || r.term != s.hard.term) return;
  const auto it = s.lead->peers.find(from);
  if (it == s.lead->peers.end() || it->second.state() != Progress::State::snapshot) return;
  auto& peer = it->second;
  auto& transfer = peer.transfer;
  if (r.snapshot != transfer.snapshot.last) return;
  if (r.installed) {
    LOG(s.logger, info, "a follower installed our snapshot", {"peer", from}, {"index", r.snapshot.index});
    peer.end_snapshot(r.snapshot.index, s.lead->round);
    advance_commit(s, out);
    return check_catch_up(s, from, out);
  }
  // An answer to the piece before the last one, come late, must not have that piece sent again.
  if (transfer.reading || transfer.unanswered_offset == r.next_offset) return;
  transfer.reading = true;
  out.reads.push_back(
      ReadSnapshot{from, transfer.snapshot.last, r.next_offset, s.config.snapshot_chunk_bytes});
}

void on_input(State& s, const SnapshotRead& in, Output& out) {
  if (!s.lead) return;
  const auto it = s.lead->peers.find(in.to);
  if (it == s.lead->peers.end() || it->second.state() != Progress::State::snapshot) return;
  auto& peer = it->second;
  auto& transfer = peer.transfer;
  if (in.snapshot != transfer.snapshot.last || !transfer.reading) return;
  transfer.reading = false;
  if (!in.piece.ok()) {
    LOG(s.logger, warn, "cannot read a snapshot for a follower", {"peer", in.to},
        {"error", in.piece.error()});
    // With a newer one at hand, start over with that; else the next answered heartbeat tries again.
    if (s.snapshot.last != transfer.snapshot.last) start_transfer(s, in.to, peer, out);
    return;
  }
  transfer.unanswered_offset = in.offset;
  transfer.sent_in_round = s.lead->round;
  out.send.push_back({in.to, InstallRequest{s.hard.term, transfer.snapshot, in.piece->size_bytes, in.offset,
                                            in.piece->bytes}});
}

// ---- the follower's side ----

void on_message(State& s, const ServerId& from, const InstallRequest& r, Output& out) {
  if (r.term < s.hard.term) return tell_where(s, from, r.snapshot.last, 0, out);
  if (!hear_leader(s, from, out)) return;
  if (is_covered(s, r.snapshot, out)) {
    if (!s.diverged) tell_installed(s, from, r.snapshot.last, out);
    return;
  }
  // Two servers' snapshots of the same entry need not be the same bytes: a part is only of use with
  // the rest from where it came.
  if (!s.incoming || s.incoming->from != from || s.incoming->snapshot != r.snapshot) {
    if (s.incoming && s.incoming->storing) return;  // its store has to come back first
    s.incoming = Incoming{from, r.snapshot, 0, 0, false};
    LOG(s.logger, info, "receiving a snapshot", {"leader", from}, {"index", r.snapshot.last.index});
  }
  auto& incoming = *s.incoming;
  if (incoming.storing) return;
  const auto size = r.bytes->size();
  const bool fits = size > 0 && r.offset == incoming.next_offset && r.offset <= r.size_bytes &&
                    size <= r.size_bytes - r.offset;
  const bool same_whole = incoming.next_offset == 0 || incoming.size_bytes == r.size_bytes;
  if (!fits || !same_whole) return tell_where(s, from, r.snapshot.last, incoming.next_offset, out);
  incoming.size_bytes = r.size_bytes;
  incoming.storing = true;
  out.store = StoreSnapshot{r.snapshot, r.offset, r.bytes, r.offset + size == r.size_bytes};
}

void on_input(State& s, const SnapshotStored& in, Output& out) {
  if (!s.incoming || !s.incoming->storing || s.incoming->snapshot.last != in.snapshot) return;
  auto& incoming = *s.incoming;
  incoming.storing = false;
  if (!in.status.ok()) {
    LOG(s.logger, warn, "cannot store a snapshot", {"index", in.snapshot.index},
        {"error", in.status.error()});
    s.incoming.reset();
    return;
  }
  incoming.next_offset = in.next_offset;
  if (in.next_offset < incoming.size_bytes)
    return tell_where(s, incoming.from, in.snapshot, in.next_offset, out);
  const Incoming done = std::move(incoming);
  s.incoming.reset();
  if (s.lead) return;
  // Meanwhile another leader may have sent the entries themselves.
  if (!is_covered(s, done.snapshot, out)) reset_log(s, done.snapshot, out);
  if (!s.diverged) tell_installed(s, done.from, done.snapshot.last, out);
}

void finish_install(State& s, Output& out) {
  out.install = std::move(s.to_install);
  s.to_install.reset();
  s.handed = out.install->last.index;
}

}  // namespace core::raft
