// SPDX-License-Identifier: MPL-2.0
// The one private state of a Raft server, and the functions by which the topical files share it.
//
// A field belongs to the file named beside it; others read it, or call that file's functions.
// `now` is the time of the step under way. Functions add to the step's Output and never look into it,
// but for `save`: a promise waits for what this step writes.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "core/raft/log_tail.h"
#include "core/raft/progress.h"
#include "core/raft/raft.h"

namespace core::raft {

struct ConfigurationAt {
  Index index;
  Configuration value;
};

// A read that waits until a round of heartbeats has proved that we still lead.
struct WaitingRead {
  std::uint64_t ticket = 0;
  std::optional<ServerId> asker;  // a follower; nothing: our own driver
  Index index;
  std::uint64_t round = 0;
};

// A read that we, a follower, asked the leader about.
struct ForwardedRead {
  std::uint64_t ticket = 0;
  Instant deadline;
};

struct Transfer {
  ServerId target;
  std::uint64_t ticket = 0;
  Instant deadline;
  bool told = false;  // TimeoutNow has left
};

struct PendingChange {
  Index index;  // of the configuration entry
  std::uint64_t ticket = 0;
  std::optional<ServerId> promote_next;  // a voter-to-be that joined as a non-voter
};

// A non-voter on its way to a vote: rounds of replication, each up to where the log ended when the
// round began, until one takes less than an election timeout (Raft thesis §4.2.1).
struct CatchUp {
  std::uint64_t ticket = 0;
  Index goal;
  Instant round_started;
  Instant deadline;
  bool caught_up = false;
};

// What only a leader has; it dies with the leadership.
struct Leadership {
  std::map<ServerId, Progress> peers;  // replication.cpp: all others of the configuration
  Index noop;                          // our term's first entry
  std::size_t uncommitted_bytes = 0;
  std::optional<Instant> news_due;  // a follower that has all entries has not heard of the newest commit

  Instant next_heartbeat;             // read_index.cpp, from here on
  std::uint64_t round = 0;            // newest round of heartbeats sent
  std::uint64_t confirmed_round = 0;  // newest round that a majority answered
  std::deque<Instant> round_starts;   // of the rounds after confirmed_round
  std::optional<Instant> lease_until;
  std::deque<WaitingRead> reads;  // ordered by round

  std::optional<Transfer> transfer;  // transfer.cpp
  // A TimeoutNow may be delivered at any time later in this term: from then on another may win an
  // election inside our lease.
  bool lease_void = false;

  std::optional<PendingChange> change;  // membership.cpp
  std::map<ServerId, CatchUp> catching_up;
};

// A snapshot that a leader is sending us; the state machine keeps serving its old state.
struct Incoming {
  ServerId from;
  SnapshotMeta snapshot;
  std::uint64_t size_bytes = 0;
  std::uint64_t next_offset = 0;
  bool storing = false;  // a StoreSnapshot is out
};

struct SaveNumbers {
  std::uint64_t given = 0;
  std::uint64_t durable = 0;
  std::uint64_t hard_state = 0;  // of the save that holds the present term and vote
};

struct State {
  State(Config, Restored, Rng, Logger);

  Config config;
  Rng rng;
  Logger logger;
  Instant now;
  bool started = false;   // the first step has been taken
  bool diverged = false;  // no further part in anything

  HardState hard;
  SaveNumbers saves;
  // The one in force is the last; those before it may come back if it is cut off. The first is
  // committed, or what the log began with.
  std::vector<ConfigurationAt> configurations;
  bool configuration_changed = false;  // in this step
  LogTail log;
  SnapshotMeta snapshot;  // the newest that may be sent to others
  Index commit;
  Index handed;   // out through `committed`
  Index applied;  // by the state machine, as the driver says

  Role role = Role::follower;  // election.cpp
  std::optional<ServerId> leader;
  std::optional<Instant> heard_at;  // from a leader of this term
  Index matched;                    // follower.cpp: our log is the leader's up to here
  std::optional<Instant> election_deadline;
  std::set<ServerId> votes;  // granted in the election or pre-election under way
  int quick_tries = 0;       // left, since the leader's connection broke

  std::optional<Leadership> lead;          // set if and only if role is leader
  std::deque<ForwardedRead> forwarded;     // read_index.cpp
  std::optional<Incoming> incoming;        // snapshot.cpp
  std::optional<SnapshotMeta> to_install;  // saved as the log's beginning, not yet durable

  const Configuration& configuration() const { return configurations.back().value; }
  bool is_voter() const { return configuration().is_voter(config.self); }
  // A voter of any configuration that may be in force. One that an uncommitted entry removed may be
  // the only one with that entry, and needed to commit it (Raft thesis §4.2.2).
  bool may_stand() const;
  bool hard_state_durable() const { return saves.hard_state <= saves.durable; }
};

// raft.cpp
void set_hard_state(State&, HardState, Output&);
// Sends once this step's save, the present term and vote, and the log up to `upto` are durable.
void send_durably(State&, const ServerId& to, Message, Index upto, Output&);
void use_configuration(State&, Index, Configuration);
void cut_configurations(State&, Index from);
void set_commit(State&, Index, Output&);
void diverge(State&, Index, Output&);

// election.cpp
void arm_election(State&);
void arm_first_election(State&);
// Of a cluster that begins just now: nobody leads yet.
void arm_founding_election(State&);
// Takes up or gives up the wait for an election, after the configurations moved.
void rearm_election(State&);
void on_election_deadline(State&, Output&);
void start_election(State&, bool handed_over, Output&);
void count_own_vote(State&, Output&);
void become_follower(State&, Term, std::optional<ServerId> leader, Output&);
// Takes the sender of a leader's message for the leader of our term. False: it cannot be.
[[nodiscard]] bool hear_leader(State&, const ServerId& from, Output&);
bool leader_is_alive(const State&);
void on_unreachable(State&, const ServerId&, Output&);
void on_message(State&, const ServerId& from, const PreVoteRequest&, Output&);
void on_message(State&, const ServerId& from, const PreVoteReply&, Output&);
void on_message(State&, const ServerId& from, const VoteRequest&, Output&);
void on_message(State&, const ServerId& from, const VoteReply&, Output&);

// follower.cpp
void on_message(State&, const ServerId& from, const AppendRequest&, Output&);
void on_message(State&, const ServerId& from, const Heartbeat&, Output&);

// replication.cpp
EntryId append(State&, EntryKind, Proposal, Output&);
void on_input(State&, const Proposed&, Output&);
void on_input(State&, const LogRead&, Output&);
void replicate(State&, Output&);
void advance_commit(State&, Output&);
void on_acknowledged(State&, const ServerId& from, Index match, Output&);
void on_message(State&, const ServerId& from, const AppendReply&, Output&);
void on_message(State&, const ServerId& from, const AppendRefusal&, Output&);

// read_index.cpp
void beat(State&, Output&);
void on_heartbeat_deadline(State&, Output&);
void confirm_rounds(State&, Output&);
void drop_reads(State&, Output&);
void refuse_forwarded(State&, Output&);
void expire_forwarded(State&, Output&);
void on_input(State&, const ReadAsked&, Output&);
void on_message(State&, const ServerId& from, const HeartbeatReply&, Output&);
void on_message(State&, const ServerId& from, const ReadRequest&, Output&);
void on_message(State&, const ServerId& from, const ReadReply&, Output&);

// snapshot.cpp
void start_transfer(State&, const ServerId& to, Progress&, Output&);
void offer_again(State&, const ServerId& to, Progress&, Output&);
void finish_install(State&, Output&);
void on_input(State&, const SnapshotTaken&, Output&);
void on_input(State&, const SnapshotRead&, Output&);
void on_input(State&, const SnapshotStored&, Output&);
void on_message(State&, const ServerId& from, const InstallRequest&, Output&);
void on_message(State&, const ServerId& from, const InstallReply&, Output&);

// membership.cpp
void on_input(State&, const PeerChangeAsked&, Output&);
void on_input(State&, const BootstrapAsked&, Output&);
void on_configuration_committed(State&, Output&);
void check_catch_up(State&, const ServerId&, Output&);
void drive_catch_ups(State&, Output&);
void drop_changes(State&, Output&);

// transfer.cpp
void on_input(State&, const TransferAsked&, Output&);
void drive_transfer(State&, Output&);
void end_transfer(State&, Status, Output&);
std::optional<ServerId> best_successor(const State&);
void on_message(State&, const ServerId& from, const TimeoutNow&, Output&);

}  // namespace core::raft
