// SPDX-License-Identifier: MPL-2.0
// What goes into a step of gossip and what comes out. Gossip does no I/O: its driver feeds it Inputs
// and carries out each Output, in any order. A ticket is a number of whoever asked first; each question
// is answered once, except that a member that has left answers nobody.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "core/gossip/messages.h"

namespace core::gossip {

using Ticket = std::uint64_t;

// ---- in ----

struct Received {  // a packet, opened and decoded
  Endpoint from;
  std::vector<Message> messages;
};
struct Asked {  // somebody opened a stream to us
  Ticket ticket = 0;
  Exchanged question;
};
struct Answered {  // what came of an Exchange of ours
  Ticket ticket = 0;
  Result<Exchanged> answer;
};
struct Woke {};  // the deadline has come

// Make these servers' clusters and ours one.
struct JoinAsked {
  Ticket ticket = 0;
  std::vector<Endpoint> at;
};
// Say goodbye. From then on this member accuses nobody and objects to nothing.
struct LeaveAsked {
  Ticket ticket = 0;
};
// An operator says that this member, which failed, will not come back. One that lives will object.
struct ForceLeaveAsked {
  std::string name;
  bool prune = false;  // forget it at once
};

using Input = std::variant<Received, Asked, Answered, Woke, JoinAsked, LeaveAsked, ForceLeaveAsked>;

// ---- out ----

struct Packet {
  Endpoint to;
  Bytes bytes;
};
// Open a stream, send the question, feed back what is answered within `timeout` as Answered.
struct Exchange {
  Ticket ticket = 0;
  Endpoint to;
  Exchanged question;
  Duration timeout{};
};
struct Answer {  // to an Asked
  Ticket ticket = 0;
  Exchanged answer;
};

struct Joined {  // to a JoinAsked
  Ticket ticket = 0;
  std::size_t joined = 0;
  std::optional<Error> first_error;
};
struct Left {  // to a LeaveAsked
  Ticket ticket = 0;
};

enum class Change : std::uint8_t { joined, updated, leaving, left, failed, reaped };
std::string_view to_string(Change change);
// What became of a member, itself included, since it was last told of. Changes that undid each other
// within an event window are not told.
struct MemberEvent {
  Change change = Change::joined;
  Member member;  // as it is now; for reaped, as it was
};
// Somebody else goes by the name of a living member, or by ours.
struct Conflict {
  std::string name;
  Endpoint known, other;
};

struct Output {
  std::vector<Packet> send;
  std::vector<Exchange> exchanges;
  std::vector<Answer> answers;
  std::vector<Joined> joined;
  std::optional<Left> left;
  std::vector<MemberEvent> events;
  std::vector<Conflict> conflicts;
};

}  // namespace core::gossip
