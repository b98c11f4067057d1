// SPDX-License-Identifier: MPL-2.0
// The face of Raft: one server's part of the protocol as a state machine without I/O.
//
// Input in, Output out (io.h says what the driver owes both). Nothing is called back, no clock is
// read, every draw comes from the Rng given: the same inputs give the same outputs. A step costs
// O(peers + entries in the input); payloads are shared, never copied.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "core/base/limits.h"
#include "core/base/log.h"
#include "core/base/rng.h"
#include "core/raft/io.h"

namespace core::raft {

struct Config {
  ServerId self;
  // A follower that hears of no leader for a time drawn from [this, twice this) asks for votes.
  Duration election_timeout = 1000ms;
  Duration heartbeat_interval = 100ms;
  // How long news of a commit waits for an append that carries it to followers, before a heartbeat does: under
  // load one always comes. Zero: it does not wait.
  Duration news_wait{};
  // How long a new voter may take to catch up before it is left a non-voter.
  Duration catch_up_timeout = 60s;
  // Answer reads within a leader's lease without asking around (Raft thesis §6.4.1). Holds only
  // while no two servers' clocks run apart by more than the given drift, and only if it is set on all
  // servers alike: a follower then waits out the lease even when it sees its leader's connection break.
  bool lease_reads = false;
  std::uint32_t clock_drift_per_mille = 50;

  std::size_t tail_bytes = limits::kRaftTailBytes;
  std::size_t append_bytes = limits::kAppendBatchBytes;
  std::size_t in_flight_appends = limits::kRaftInFlightAppendsMax;
  std::size_t in_flight_bytes = limits::kRaftInFlightBytesMax;
  std::size_t uncommitted_bytes = limits::kRaftUncommittedBytesMax;
  std::size_t snapshot_chunk_bytes = limits::kSnapshotChunkBytes;
};

// What the disk held at start. An empty data directory is a Restored{}.
//
//      first ......... base | tail ... applied ... end of the log
//
// REQUIRES: base <= applied <= end of the log; snapshot.last.index <= applied; first - 1 <= base;
// first - 1 <= snapshot.last.index, so that what the log lacks a snapshot has.
struct Restored {
  HardState hard_state;
  SnapshotMeta snapshot;       // the newest one that may be sent to others; last.index 0: none
  Index first{1};              // the first entry the disk can read back, or where it would be
  std::vector<TermRun> terms;  // of the entries from `first` to `base`
  EntryId base;                // the entry before `tail`; {0, 0} at the start of the log
  Digest base_digest;
  Configuration configuration;  // in force at `base`
  Index configuration_index;
  std::vector<Entry> tail;  // all entries after `base`
  Index applied;            // by the state machine
};

struct PeerStatus {
  Peer peer;
  std::string_view state;  // "probe", "replicate", "snapshot"; empty unless we lead
  Index match;             // known to be durable there
  Index next;
  std::optional<Instant> heard_at;
};

struct StatusReport {
  Role role = Role::follower;
  Term term;
  std::optional<ServerId> leader;
  EntryId last;
  Index first;  // oldest entry still in the log
  Index durable;
  Index commit;
  Index applied;
  EntryId snapshot;
  Configuration configuration;
  Index configuration_index;
  bool configuration_committed = false;
  std::optional<Instant> heard_from_leader_at;
  std::vector<PeerStatus> peers;  // the others, ordered by id
};

struct State;

class Raft {
 public:
  Raft(Config config, Restored restored, Rng rng, Logger logger);
  Raft(Raft&&) noexcept;
  Raft& operator=(Raft&&) noexcept;
  ~Raft();

  // REQUIRES: `now` never falls.
  [[nodiscard]] Output step(const Input& input, Instant now);
  // When to feed Woke; it may move with every step. Nothing: only inputs move this server.
  std::optional<Instant> next_deadline() const;

  Role role() const;
  Term term() const;
  Index commit() const;
  // The leader of this term as far as known; ourselves when we lead.
  std::optional<ServerId> leader() const;
  StatusReport status() const;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace core::raft
