// SPDX-License-Identifier: MPL-2.0
// What a leader knows about one follower's log, and what is on its way there.
//
//   probe      one append at a time, until an answer says where the logs agree
//   replicate  appends are pipelined; `next` runs ahead of `match` within a window
//   snapshot   the follower needs entries we no longer have; snapshot.cpp sends pieces
//
// A lost append is noticed without a clock: a heartbeat of a later round was answered, and the
// answer shows a log that still lacks it.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>

#include "core/base/time.h"
#include "core/raft/types.h"

namespace core::raft {

// Where a follower's log and ours shall agree.
struct LogPoint {
  EntryId id;
  Digest digest;
};

// A snapshot on its way to a follower: one piece at a time.
struct SnapshotTransfer {
  SnapshotMeta snapshot;
  bool reading = false;                            // a ReadSnapshot is out
  std::optional<std::uint64_t> unanswered_offset;  // of the piece sent last; nothing after an offer
  std::uint64_t sent_in_round = 0;
};

class Progress {
 public:
  enum class State : std::uint8_t { probe, replicate, snapshot };
  struct Window {
    std::size_t appends_max;
    std::size_t bytes_max;
  };

  Progress(Index next, Window window, Instant now) : heard_at(now), window_(window), next_(next) {}

  State state() const { return state_; }
  Index match() const { return match_; }
  Index next() const { return next_; }
  std::size_t in_flight() const { return in_flight_.size(); }
  // May another append leave? One larger than the window leaves when nothing else is under way.
  bool may_send() const;

  // An append with entries up to `last` left while heartbeat round `round` was the newest.
  void sent(Index last, std::size_t bytes, std::uint64_t round);
  // Everything up to `match` is durable there; true if that is news.
  bool acknowledged(Index match, std::uint64_t round);
  // The follower does not have the entry at `previous`, but may agree up to `agreed`. False if the
  // refusal is an old one.
  bool refused(Index previous, Index agreed);
  // A heartbeat of `round` was answered by a log that agrees up to `agreed` and ends at `last`: what
  // it lacks of what left before that round was lost, and has to be sent again.
  void answered(std::uint64_t round, Index agreed, Index last);
  // Start over after what is known to match.
  void probe();
  // The same, but send nothing before a heartbeat of a later round is answered.
  void pause(std::uint64_t round);
  void begin_snapshot(SnapshotMeta snapshot, std::uint64_t round);
  // The follower holds everything up to `match`.
  void end_snapshot(Index match, std::uint64_t round);

  // Bookkeeping of replication.cpp and its neighbours; no rule of this class rests on it.
  Instant heard_at;               // last message in our term
  std::uint64_t acked_round = 0;  // newest heartbeat round answered
  Index told_commit;              // newest commit index sent
  bool reading = false;           // a ReadLog is out
  std::uint64_t read_failed_in_round = 0;
  std::optional<LogPoint> read_point;  // an entry that memory does not hold, as the disk told it
  SnapshotTransfer transfer;  // in State::snapshot

 private:
  struct Append {
    Index last;
    std::size_t bytes;
    std::uint64_t round;
  };

  void clear_window();

  Window window_;
  State state_ = State::probe;
  Index match_;
  std::uint64_t match_round_ = 0;  // the newest round when `match_` was acknowledged
  Index next_;
  std::deque<Append> in_flight_;
  std::size_t in_flight_bytes_ = 0;
};

std::string_view to_string(Progress::State state);

}  // namespace core::raft
