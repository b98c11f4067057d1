// SPDX-License-Identifier: MPL-2.0
// The log as Raft sees it: the newest entries in memory, the terms of all, and how far it is durable.
//
//   snapshot | first .... base | entries in memory .... last
//              ^ on disk only    ^ `durable` is somewhere here or before
//
// Knows nothing of the protocol. The digests chain from entry to entry; the caller has checked them.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "core/raft/types.h"

namespace core::raft {

struct LogTailStart {
  EntryId snapshot;  // index 0: none
  Digest snapshot_digest;
  Index first;
  std::vector<TermRun> terms;  // of first..base
  EntryId base;
  Digest base_digest;
  std::vector<Entry> tail;
};

class LogTail {
 public:
  explicit LogTail(LogTailStart start);

  Index first() const { return first_; }
  EntryId base() const { return base_; }
  EntryId last() const { return live() == 0 ? base_ : entries_.back().id; }
  Digest last_digest() const { return live() == 0 ? base_digest_ : entries_.back().digest; }
  Index durable() const { return durable_; }
  std::size_t bytes() const { return bytes_; }

  // Null if the entry is not in memory.
  const Entry* find(Index index) const;
  // Of any entry of the log, of the snapshot's last one, and of "the entry before the first" {0, 0}.
  std::optional<Term> term_at(Index index) const;
  bool holds(EntryId id) const { return term_at(id.index) == id.term; }
  // Known for entries in memory, for the base and for the snapshot's last one.
  std::optional<Digest> digest_at(Index index) const;
  // The newest entry at or before `index` with a term of at most `term`; {0, 0} if the log has none.
  EntryId newest_at_most(Index index, Term term) const;

  // REQUIRES: entry.id.index == last().index.next(), entry.id.term >= last().term.
  void append(Entry entry);
  // REQUIRES: base().index < from.
  void truncate_from(Index from);
  // Forgets everything; the next entry follows `last`. What was durable is no part of this log any
  // more, but for the prefix up to `kept`, which the snapshot replaces.
  void reset_to(EntryId last, const Digest& digest, Index kept);
  // A newer snapshot exists.
  void set_snapshot(EntryId last, const Digest& digest);
  // Entries before `first` may be gone from disk. Those in memory stay in use.
  void drop_before(Index first);
  // Lets go of the oldest entries at or before `upto` while more than `bytes_max` are in memory.
  void shed(Index upto, std::size_t bytes_max);

  // The save of that number holds everything up to last().
  void saving(std::uint64_t number);
  // Saves up to that number are on disk.
  void saved(std::uint64_t number);

 private:
  struct InFlight {
    std::uint64_t number;
    Index last;  // what of this save is still part of the log
  };

  std::size_t live() const { return entries_.size() - dead_; }
  void note_term(EntryId id);
  void limit_durable(Index last);

  EntryId snapshot_;
  Digest snapshot_digest_;
  Index first_;
  std::vector<TermRun> terms_;
  EntryId base_;
  Digest base_digest_;
  std::vector<Entry> entries_;  // the first dead_ are let go; they are erased in bulk
  std::size_t dead_ = 0;
  std::size_t bytes_ = 0;
  Index durable_;
  std::deque<InFlight> in_flight_;
};

}  // namespace core::raft
