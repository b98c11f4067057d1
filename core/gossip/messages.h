// SPDX-License-Identifier: MPL-2.0
// What members say to each other, one struct a message, and the wire form (docs/formats/gossip.md).
//
// A packet is a datagram of several messages, so that news rides along with probes. An exchange is a
// question and its answer over a stream, for what is too large or must not be lost. Both are sealed
// by whoever carries them; nothing here is believed beyond what its incarnation or Lamport time allows.
#pragma once

#include <variant>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/gossip/member_table.h"
#include "core/gossip/types.h"

namespace core::gossip {

// "Are you there?" Answered by the server that has the name, not by a later one that goes by it.
struct Ping {
  std::uint64_t number = 0;  // the sender's own
  std::string target;
  Identity identity{};
};
// "Ask it for me": an Ack is passed on, and a Nack says that the helper itself is well.
struct PingRequest {
  std::uint64_t number = 0;
  std::string target;
  Identity identity{};
  Endpoint at;
};
struct Ack {
  std::uint64_t number = 0;
};
struct Nack {
  std::uint64_t number = 0;
};

struct Alive {  // only ever begun by the member itself
  std::string name;
  Identity identity;
  Incarnation incarnation;
  Endpoint endpoint;
  Tags tags;
};
struct Suspect {
  std::string name;
  Identity identity;
  Incarnation incarnation;
  std::string accuser;
};
struct Dead {  // an accuser that is the member itself: it left
  std::string name;
  Identity identity;
  Incarnation incarnation;
  std::string accuser;
};

struct JoinIntent {
  LamportTime time;
  std::string name;
};
struct LeaveIntent {
  LamportTime time;
  std::string name;
  bool prune = false;  // forget it at once
};

using Message = std::variant<Ping, PingRequest, Ack, Nack, Alive, Suspect, Dead, JoinIntent, LeaveIntent>;

// A member as one table has it.
struct Record {
  Alive about;
  Condition condition = Condition::alive;
  bool leaving = false;
  LamportTime status_time;
  std::uint32_t age_seconds = 0;  // since it failed or left
};

// "Here is how my table looks; where does yours differ?"
struct SyncRequest {
  LamportTime time;
  TableDigest digest{};
  std::vector<Record> records;  // the sender's own first, then what the other side lacks
};
struct SyncReply {
  LamportTime time;
  std::uint64_t differing = 0;  // one bit a bucket
  std::vector<Record> records;  // the sender's own first, then all of the differing buckets
};
using Exchanged = std::variant<Ping, Ack, SyncRequest, SyncReply>;

// As a part of a packet. REQUIRES: names and tags are within limits.h.
Bytes encode(const Message& message);
// The bytes a packet begins with.
ByteView packet_start();
// Errc::corrupt, unsupported (another version), too_large. Kinds of a later version are skipped.
Result<std::vector<Message>> decode_packet(ByteView bytes);

Bytes encode(const Exchanged& exchanged);
Result<Exchanged> decode_exchange(ByteView bytes);

// A name, endpoint or tags that cannot be sent: Errc::invalid says which.
Status check(const Alive& alive);

}  // namespace core::gossip
