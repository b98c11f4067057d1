// SPDX-License-Identifier: MPL-2.0
// What goes into a step of Raft and what comes out.
//
// Raft does no I/O. Its driver feeds it Inputs, one at a time, and carries out each Output so:
//   1. send `send` at once: nothing in it depends on this step's save;
//   2. hand `save` to the disk. Saves are carried out in the order given; several may be in flight
//      and joined into one sync. When one is durable: send its `then_send`, then feed back Saved;
//   3. `install`, if set, replaces the state machine by that stored snapshot; feed back Applied;
//   4. apply `committed` in index order, feed back Applied;
//   5. carry out `reads` and `store`, in any order and time, and feed back their answers.
// A ticket is a number of the driver's choosing; each is answered exactly once by one outcome:
// Appended or Refused for a proposal, ReadReady or Refused for a read, PeerChangeDone for a change
// of peers, TransferDone for a transfer.
#pragma once

#include <variant>

#include "core/raft/messages.h"

namespace core::raft {

// ---- in ----

struct Received {
  ServerId from;  // as the transport authenticated it
  Message message;
};

struct Proposal {
  std::uint16_t type = 0;
  WallTime time;
  RequestId request;
  std::shared_ptr<const Bytes> payload;  // never null
  std::uint64_t ticket = 0;
};
struct Proposed {
  std::vector<Proposal> proposals;
};

// Every save up to this number is durable. (A number, not an EntryId: an entry may be saved, cut
// off and saved again under the same id, and the first Saved must not vouch for the last.)
struct Saved {
  std::uint64_t number = 0;
};

// The deadline has come.
struct Woke {};

// From where on may the state machine answer a linearizable read? Works on any server.
struct ReadAsked {
  std::uint64_t ticket = 0;
};

struct AddPeer {
  Peer peer;  // a voter joins as a non-voter and is promoted once its log has caught up (thesis §4.2.1)
};
struct PromotePeer {
  ServerId id;
};
struct RemovePeer {
  ServerId id;
};
struct UpdateAddress {
  ServerId id;
  std::string address;
};
using PeerChange = std::variant<AddPeer, PromotePeer, RemovePeer, UpdateAddress>;
struct PeerChangeAsked {
  PeerChange change;
  std::uint64_t ticket = 0;
};

struct TransferAsked {
  std::optional<ServerId> target;  // nothing: the voter whose log is most up to date
  std::uint64_t ticket = 0;
};

// The state machine holds everything up to this index.
struct Applied {
  Index index;
};

// A snapshot of ours is complete and durable. Entries before the one before may go, but for the last `trailing`.
struct SnapshotTaken {
  SnapshotMeta snapshot;
  std::uint64_t trailing = 0;
};

// Answers a ReadLog. Entries are contiguous from `from`, digests verified; an error means that they
// cannot be had, and the follower is sent a snapshot instead.
struct LogRead {
  ServerId to;
  Index from;
  Result<std::vector<Entry>> entries;
};

// Answers a ReadSnapshot.
struct SnapshotPiece {
  std::shared_ptr<const Bytes> bytes;  // never null
  std::uint64_t size_bytes = 0;        // of the whole snapshot
};
struct SnapshotRead {
  ServerId to;
  EntryId snapshot;
  std::uint64_t offset = 0;
  Result<SnapshotPiece> piece;
};

// Answers a StoreSnapshot. For the last piece, ok means: complete, checked and durable, so that a
// restart would start from it. An error discards what was stored of this snapshot.
struct SnapshotStored {
  EntryId snapshot;
  std::uint64_t next_offset = 0;
  Status status;
};

// The connection to a peer broke or could not be made.
struct PeerUnreachable {
  ServerId id;
};

// Makes this the first entry of an empty log; does nothing if there are entries or a leader. Servers
// that are given the same configuration write the same entry; it is enough that one of them is.
struct BootstrapAsked {
  Configuration configuration;
};

using Input =
    std::variant<Received, Proposed, Saved, Woke, ReadAsked, PeerChangeAsked, TransferAsked, Applied,
                 SnapshotTaken, LogRead, SnapshotRead, SnapshotStored, PeerUnreachable, BootstrapAsked>;

// ---- out ----

// One batch for the disk, in this order: hard_state, reset_to, truncate_from, append.
struct Save {
  std::uint64_t number = 0;  // 1, 2, 3, ...; 0 when empty
  std::optional<HardState> hard_state;
  std::optional<SnapshotMeta> reset_to;  // forget the whole log: the next entry follows this snapshot
  std::optional<Index> truncate_from;    // forget this entry and all after it
  std::vector<Entry> append;
  std::optional<Index> drop_before;  // entries before this one are no longer needed; may be done late
  // Promises about this save and all before it: votes and acknowledgements. A save with nothing but
  // these still waits for the saves before it.
  std::vector<Envelope> then_send;

  bool writes() const { return hard_state || reset_to || truncate_from || !append.empty(); }
  bool empty() const { return !writes() && !drop_before && then_send.empty(); }
};

// Entries for a follower that is behind what is kept in memory. From `from` on: at least one entry
// however large, then as many as fit, none after `last`.
struct ReadLog {
  ServerId to;
  Index from;
  Index last;
  std::size_t bytes_max = 0;
};
struct ReadSnapshot {
  ServerId to;
  EntryId snapshot;
  std::uint64_t offset = 0;
  std::size_t bytes_max = 0;
};
using DiskRead = std::variant<ReadLog, ReadSnapshot>;

// A piece of a snapshot that a leader sends. A piece at offset 0 discards any other unfinished one.
struct StoreSnapshot {
  SnapshotMeta snapshot;
  std::uint64_t offset = 0;
  std::shared_ptr<const Bytes> bytes;
  bool last = false;
};

enum class Role : std::uint8_t { follower, pre_candidate, candidate, leader };
std::string_view to_string(Role role);

struct Appended {  // in the leader's log; done once an entry of this very id comes out of `committed`
  std::uint64_t ticket = 0;
  EntryId id;
};
struct Refused {  // nothing happened, and nothing will
  std::uint64_t ticket = 0;
  Error error;
};
struct ReadReady {  // a state that has applied `index` may answer
  std::uint64_t ticket = 0;
  Index index;
};
// A new leader holds all that was committed before, but knows how far that goes only when an entry
// of its own term is among `committed`; its duties should begin there.
struct LeadershipChanged {
  Role role = Role::follower;
  Term term;
  std::optional<ServerId> leader;
};
struct TransferDone {
  std::uint64_t ticket = 0;
  Status status;
};
struct PeerChangeDone {
  std::uint64_t ticket = 0;
  Status status;  // unknown_fate: leadership was lost while the change was on its way
};
struct ConfigurationChanged {  // in force from now on; it may not be committed yet
  Configuration configuration;
  Index index;
};
// Our history is not the cluster's. This server must stop: it takes no further part.
struct Diverged {
  Index index;
};
using Outcome = std::variant<Appended, Refused, ReadReady, LeadershipChanged, TransferDone, PeerChangeDone,
                             ConfigurationChanged, Diverged>;

struct Output {
  std::vector<Envelope> send;
  Save save;
  std::optional<SnapshotMeta> install;
  std::vector<Entry> committed;  // each entry once, in order, from Restored::applied on; durable here
  std::vector<Outcome> outcomes;
  std::vector<DiskRead> reads;
  std::optional<StoreSnapshot> store;
};

}  // namespace core::raft
