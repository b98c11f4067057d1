// SPDX-License-Identifier: MPL-2.0
// The values Raft keeps and talks about: entries, term and vote, configurations, snapshots.
// What goes in and out of a step is io.h; what travels between servers is messages.h.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/digest.h"
#include "core/base/id.h"
#include "core/base/ordinal.h"
#include "core/base/request_id.h"
#include "core/base/time.h"

namespace core::raft {

struct EntryId {
  Term term;
  Index index;
  friend auto operator<=>(const EntryId&, const EntryId&) = default;  // Raft §5.4.1: term first, then index
};

using core::RequestId;

enum class EntryKind : std::uint8_t {
  noop = 0,           // a new leader's first entry (Raft §8)
  configuration = 1,  // payload is an encoded Configuration
  command = 2,        // payload is an event of the state machine
};

struct Entry {
  EntryId id;
  EntryKind kind = EntryKind::noop;
  std::uint16_t type = 0;  // of the event; 0 unless kind is command. Raft never looks at it
  WallTime time;           // the leader's clock when it proposed; data only
  RequestId request;
  std::shared_ptr<const Bytes> payload;  // never null; shared between log tail, disk and network
  Digest digest;                         // chain(previous entry's digest, header fields and payload)
};

// The digest that `entry` must carry after an entry with digest `previous`. Everything but
// entry.digest goes in.
Digest chain_digest(const Digest& previous, const Entry& entry);

// The term of the entries from `first` on, up to the next run: a long log has few of them.
struct TermRun {
  Term term;
  Index first;
  friend bool operator==(const TermRun&, const TermRun&) = default;
};

// Must be durable before any message that depends on it leaves (Raft §5.1, figure 2).
struct HardState {
  Term term;
  ServerId voted_for;  // empty: no vote in this term
  friend bool operator==(const HardState&, const HardState&) = default;
};

struct Peer {
  ServerId id;
  std::string address;  // "host:port" of RPC; may change, the id does not
  bool voter = true;
  friend bool operator==(const Peer&, const Peer&) = default;
};
struct Configuration {
  std::vector<Peer> peers;  // ordered by id

  // Null if there is no such peer. Borrowed until the configuration changes.
  const Peer* find(const ServerId& id) const;
  bool is_voter(const ServerId& id) const;
  std::size_t voters() const;
  // Adds the peer, or replaces the one with its id.
  void put(Peer peer);
  void erase(const ServerId& id);
  friend bool operator==(const Configuration&, const Configuration&) = default;
};
Bytes encode(const Configuration& configuration);
Result<Configuration> decode_configuration(ByteView bytes);

// What a snapshot stands for: the state after `last`, the configuration and the chain there.
struct SnapshotMeta {
  EntryId last;
  Digest digest;
  Configuration configuration;
  Index configuration_index;
  friend bool operator==(const SnapshotMeta&, const SnapshotMeta&) = default;
};

}  // namespace core::raft
