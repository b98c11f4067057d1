// SPDX-License-Identifier: MPL-2.0
// What servers say to each other: one struct a message, one variant over all, and the wire form.
//
// `term` is always the sender's current term. Every message may be lost, repeated or overtaken;
// none of them is believed beyond what its term allows. Figures are in Raft, figure 2, unless said.
#pragma once

#include <string_view>
#include <variant>

#include "core/raft/types.h"

namespace core::raft {

// "Would you vote for me in term.next()?" Changes nothing at either end (Raft thesis §9.6).
struct PreVoteRequest {
  Term term;
  EntryId last;
};
struct PreVoteReply {
  Term term;
  Term asked;  // the request's term
  bool granted = false;
};

struct VoteRequest {
  Term term;
  EntryId last;
  bool handed_over = false;  // the leader asked for this election: its lease does not count (thesis §4.2.3)
};
struct VoteReply {
  Term term;
  bool granted = false;
};

struct AppendRequest {
  Term term;
  EntryId previous;        // the entry before the first one sent; {0, 0} at the start of the log
  Digest previous_digest;  // of `previous`: equal ids with unequal digests mean diverged histories
  Index commit;
  std::vector<Entry> entries;
};
// Everything up to `match` is durable at the sender and equal to the leader's log.
struct AppendReply {
  Term term;
  Index match;
};
// `previous` was not found. `hint` is the newest entry of the sender that may still agree.
struct AppendRefusal {
  Term term;
  EntryId previous;
  EntryId hint;
};

struct Heartbeat {
  Term term;
  std::uint64_t round = 0;  // counts rounds of heartbeats in this term; proves leadership for reads
  Index commit;             // no further than what the receiver is known to hold
  EntryId checked;          // an entry the receiver acknowledged; index 0: nothing to compare
  Digest digest;            // of `checked`
};
struct HeartbeatReply {
  Term term;
  std::uint64_t round = 0;
  Index match;   // as in AppendReply, in case that was lost
  Index agreed;  // as `match`, durable or not: shows which appends were lost
  Index last;    // of the sender's log
};

// One piece of a snapshot. An empty piece at 0 is an offer: it asks where to go on.
struct InstallRequest {
  Term term;
  SnapshotMeta snapshot;
  std::uint64_t size_bytes = 0;  // of the whole; 0 in an offer
  std::uint64_t offset = 0;
  std::shared_ptr<const Bytes> bytes;  // never null
};
struct InstallReply {
  Term term;
  EntryId snapshot;
  std::uint64_t next_offset = 0;
  bool installed = false;  // done with: the sender's log now holds or covers snapshot.last
};

// "Start an election now" (Raft thesis §3.10).
struct TimeoutNow {
  Term term;
};

// A follower asks from where on its own state may answer a linearizable read (thesis §6.4).
struct ReadRequest {
  Term term;
  std::uint64_t ticket = 0;
};
struct ReadReply {
  Term term;
  std::uint64_t ticket = 0;
  bool confirmed = false;
  Index index;
};

using Message = std::variant<PreVoteRequest, PreVoteReply, VoteRequest, VoteReply, AppendRequest, AppendReply,
                             AppendRefusal, Heartbeat, HeartbeatReply, InstallRequest, InstallReply,
                             TimeoutNow, ReadRequest, ReadReply>;

struct Envelope {
  ServerId to;
  Message message;
};

Term term_of(const Message& message);
// "append-request", for logs and transcripts.
std::string_view name_of(const Message& message);

// docs/protocols/raft.md has the layout. A decoded message obeys limits.h and has no null payloads.
Bytes encode(const Message& message);
Result<Message> decode_message(ByteView bytes);

}  // namespace core::raft
