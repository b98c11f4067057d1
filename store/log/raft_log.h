// SPDX-License-Identifier: MPL-2.0
// The Raft log and hard state on disk: the set of segments in <directory>/log and
// <directory>/hard_state. Made by store/log/recovery.h; docs/formats/log.md has the layout.
//
// Blocking, single-threaded. Entries in it are durable. After a failed write or sync the object is
// done for: every later save answers the same error, and the process must start again. Running out
// of space before anything was written is the exception: that save may be given again.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/limits.h"
#include "core/raft/io.h"
#include "store/log/hard_state.h"
#include "store/log/segment.h"

namespace store::log {

struct LogOptions {
  std::size_t segment_bytes = core::limits::kSegmentBytes;
};

class RaftLog {
 public:
  // What recovery found. `segments` are in order, contiguous, at least one, none but the last empty.
  RaftLog(Env& env, std::string directory, LogOptions options, HardStateFile hard_state,
          std::vector<Segment> segments);

  // Carries out the saves in order, as one batch, durable on return: one sync for the entries, one
  // more if term or vote changed. `drop_before` is left to the caller, who passes it to drop_before()
  // when nobody waits for the disk.
  // Errc::no_space: nothing was changed, the same may be tried again. Any other failure is for good.
  // REQUIRES: appended entries continue the log and its digests.
  Status save(std::span<const core::raft::Save> saves);

  const HardState& hard_state() const { return hard_state_.state(); }
  // The first entry that can be read back, or where it would be.
  Index first() const { return segments_.front().first(); }
  // The entry before first(): its term and digest.
  EntryId before_first() const;
  const Digest& digest_before_first() const { return segments_.front().header().previous; }
  EntryId last() const { return segments_.back().last(); }
  const Digest& last_digest() const { return segments_.back().last_digest(); }

  // Entries from `from` on, none after `last`: at least one, then as many as `bytes_max` allows.
  // Each is verified by its digest. Errc::not_found if `from` is not in the log.
  Result<std::vector<Entry>> read(Index from, Index last, std::size_t bytes_max);
  // About where the newest `bytes` of the log begin.
  Index tail_of(std::uint64_t bytes) const;

  // Removes the oldest segment if it holds only entries before `index`, never the newest one; true if there are
  // more of that kind. One at a time, so that a save waits for one at most: removing a hundred takes a third of a
  // second on a disk.
  Result<bool> drop_before(Index index);

  // Prepares a part of the next segment file, so that a save need not: call it when a save is done,
  // until it says that nothing is left for now. It keeps pace with the newest segment as that one fills.
  // Errc::no_space comes here first, while saves still work.
  Result<bool> prepare();
  // Whether prepare() would do anything now.
  bool wants_preparing() const;

  struct Scrubbed {
    Index up_to;          // verified up to here in this round
    bool round_complete;  // the next call begins at the start of the log again
  };
  // Reads and verifies the next `bytes` or so of the log, round and round.
  Result<Scrubbed> scrub(std::size_t bytes);

 private:
  struct Change;
  static Change join(std::span<const core::raft::Save> saves);
  Status write(const Change& change, bool fresh_segment);
  Status fail(const Error& error);
  // A segment file of at least `size` bytes, all zero and durable, under a temporary name.
  Status ready_spare(std::uint64_t size);
  // How much of the next segment should be ready by now.
  std::uint64_t spare_wanted() const;
  Result<bool> prepare_slice(std::uint64_t size, std::uint64_t slice_max);
  Result<bool> extend_spare(std::uint64_t size, std::uint64_t slice_max);
  Status begin_segment(const SegmentHeader& header, std::span<const Entry> entries);
  Result<SegmentHeader> next_header(const Change& change);
  Segment& holding(Index index);
  void forget_void(const SegmentHeader& by);
  Status remove_void();
  Status sync_names();

  Env& env_;
  std::string directory_;  // of the segments
  LogOptions options_;
  HardStateFile hard_state_;
  std::vector<Segment> segments_;
  std::optional<Error> failed_;
  Bytes scratch_;
  std::vector<std::string> void_files_;  // of segments that newer ones cover; to be removed

  std::unique_ptr<File> spare_;
  std::uint64_t spare_bytes_ = 0;  // its size
  std::uint64_t spare_ready_ = 0;  // zeroed and durable up to here
  Index scrubbed_;
};

}  // namespace store::log
