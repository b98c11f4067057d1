// SPDX-License-Identifier: MPL-2.0
// One segment file of the log, open: appends batches, reads verified entries back.
//
// Where entries lie is remembered only for every kCheckpointEvery-th, with the digest before it, so
// that a million entries cost some hundred kilobytes and every read is verified against memory.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "store/log/format.h"

namespace store::log {

inline constexpr std::uint64_t kCheckpointEvery = 64;

class Segment {
 public:
  // Holds nothing yet, or nothing that was found yet: see note. `env` outlives it.
  Segment(Env& env, std::unique_ptr<File> file, const SegmentHeader& header, std::uint64_t capacity);

  const SegmentHeader& header() const { return header_; }
  const std::string& path() const { return path_; }
  Index first() const { return header_.first; }
  // The last entry; the one before first() if there is none.
  EntryId last() const { return last_; }
  const Digest& last_digest() const { return last_digest_; }
  bool empty() const { return last_.index < header_.first; }
  // The offset behind the last record.
  std::uint64_t end() const { return end_; }
  std::uint64_t capacity() const { return capacity_; }

  // Bytes that `entries` and a seal take.
  static std::uint64_t size_of(std::span<const Entry> entries);
  bool fits(std::span<const Entry> entries) const { return end_ + size_of(entries) <= capacity_; }

  // Writes the header and a first batch (which may be empty), and syncs once.
  // REQUIRES: the file is all zeros; the entries fit and continue the chain.
  Status begin(std::span<const Entry> entries, Bytes& scratch);
  // Writes one batch and syncs once. After a failure nothing more must be appended.
  // REQUIRES: the header is there; the entries fit and continue the chain.
  Status append(std::span<const Entry> entries, Bytes& scratch);
  // An entry was found at end(): counts it in. REQUIRES: verified.
  void note(const Entry& entry);

  // From `from` to `last` or until about `bytes_max` are read, but at least one; each verified.
  // REQUIRES: first() <= from <= last <= this->last().index.
  Result<std::vector<Entry>> read(Index from, Index last, std::size_t bytes_max);
  // Forgets the entries after `last`, which stay in the file behind it but are no longer of the log.
  // REQUIRES: first() - 1 <= last.index <= this->last().index; a newer segment takes over there.
  void end_at(EntryId last, const Digest& digest);
  // The last entries that take at most `bytes` begin here; coarse, never more than asked for.
  Index tail_of(std::uint64_t bytes) const;

  // Makes durable whatever was written before this process opened the file, and overwrites
  // [end(), dirty_end) with zeros. Where a sync failed, the kernel takes what it dropped for clean: syncing
  // again would do nothing, so the last batch, which begins at `last_batch`, is written again.
  Status settle(std::uint64_t last_batch, std::uint64_t dirty_end);
  // Closes the file until it is read again: a long history must not hold a descriptor a segment.
  void rest() { file_.reset(); }

 private:
  struct Checkpoint {
    std::uint64_t offset;
    Digest previous;
  };
  void encode(std::span<const Entry> entries, Bytes& out) const;
  Result<File*> open_file();
  Status write_and_sync(std::uint64_t offset, ByteView bytes, std::span<const Entry> entries);

  Env* env_;
  std::unique_ptr<File> file_;  // null while resting
  std::string path_;
  SegmentHeader header_;
  Digest salt_;
  std::uint64_t capacity_;
  std::uint64_t end_ = kHeaderBytes;
  EntryId last_;
  Digest last_digest_;
  std::vector<Checkpoint> checkpoints_;
};

}  // namespace store::log
