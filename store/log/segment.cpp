// SPDX-License-Identifier: MPL-2.0
#include "store/log/segment.h"

#include <algorithm>
#include <utility>

#include "core/base/assert.h"
#include "store/log/record_reader.h"

namespace store::log {

Segment::Segment(Env& env, std::unique_ptr<File> file, const SegmentHeader& header, std::uint64_t capacity)
    : env_(&env),
      file_(std::move(file)),
      path_(file_->path()),
      header_(header),
      salt_(salt_of(header)),
      capacity_(capacity),
      last_{header.previous_term, header.first.prev()},
      last_digest_(header.previous) {}

std::uint64_t Segment::size_of(std::span<const Entry> entries) {
  std::uint64_t size = kSealBytes;
  for (const auto& entry : entries) size += record_size(entry.payload->size());
  return size;
}

void Segment::encode(std::span<const Entry> entries, Bytes& out) const {
  auto index = last_.index;
  const auto* previous = &last_digest_;
  for (const auto& entry : entries) {
    index = index.next();
    ASSERT(entry.id.index == index);
    ASSERT(core::raft::chain_digest(*previous, entry) == entry.digest);
    append_record(out, salt_, entries.front().id.index, entry);
    previous = &entry.digest;
  }
}

Status Segment::begin(std::span<const Entry> entries, Bytes& scratch) {
  ASSERT(empty());
  ASSERT(fits(entries));
  scratch = log::encode(header_);
  encode(entries, scratch);
  return write_and_sync(0, scratch, entries);
}

Status Segment::append(std::span<const Entry> entries, Bytes& scratch) {
  ASSERT(!entries.empty());
  ASSERT(fits(entries));
  scratch.clear();
  encode(entries, scratch);
  return write_and_sync(end_, scratch, entries);
}

Status Segment::write_and_sync(std::uint64_t offset, ByteView bytes, std::span<const Entry> entries) {
  ASSERT(file_ != nullptr);
  TRY(file_->write_at(offset, bytes));
  TRY(file_->sync());
  for (const auto& entry : entries) note(entry);
  ASSERT(end_ == offset + bytes.size());
  // Not synced: it reaches the disk with the next batch or when the system gets round to it. Until
  // then rot of this batch would look like a torn write; the next batch proves it as well.
  Bytes seal;
  append_seal(seal, salt_, Seal{last_.index, last_digest_});
  return file_->write_at(end_, seal);
}

Result<File*> Segment::open_file() {
  if (!file_) {
    TRY(file_, env_->open(path_, Open::read));
  }
  return file_.get();
}

void Segment::note(const Entry& entry) {
  ASSERT(entry.id.index == last_.index.next());
  if ((entry.id.index.value - header_.first.value) % kCheckpointEvery == 0)
    checkpoints_.push_back({end_, last_digest_});
  end_ += record_size(entry.payload->size());
  last_ = entry.id;
  last_digest_ = entry.digest;
}

Result<std::vector<Entry>> Segment::read(Index from, Index last, std::size_t bytes_max) {
  ASSERT(header_.first <= from);
  ASSERT(from <= last);
  ASSERT(last <= last_.index);
  const auto nth = (from.value - header_.first.value) / kCheckpointEvery;
  const auto& checkpoint = checkpoints_[nth];
  const Index begin{header_.first.value + nth * kCheckpointEvery};
  TRY(auto* const file, open_file());
  RecordReader reader(*file, salt_, {checkpoint.offset, begin, checkpoint.previous}, end_);
  std::vector<Entry> entries;
  std::size_t bytes = 0;
  while (reader.next_index() <= last) {
    TRY(auto entry, reader.next());
    if (entry.id.index < from) continue;
    const auto size = record_size(entry.payload->size());
    if (!entries.empty() && bytes + size > bytes_max) break;
    bytes += size;
    entries.push_back(std::move(entry));
  }
  return entries;
}

void Segment::end_at(EntryId last, const Digest& digest) {
  ASSERT(last.index.next() >= header_.first);
  ASSERT(last.index <= last_.index);
  last_ = last;
  last_digest_ = digest;
  const auto count = last.index.next().value - header_.first.value;
  checkpoints_.resize((count + kCheckpointEvery - 1) / kCheckpointEvery);
}

Index Segment::tail_of(std::uint64_t bytes) const {
  auto nth = checkpoints_.size();
  while (nth > 0 && end_ - checkpoints_[nth - 1].offset <= bytes) --nth;
  return nth == checkpoints_.size() ? last_.index.next()
                                    : Index{header_.first.value + nth * kCheckpointEvery};
}

Status Segment::settle(std::uint64_t last_batch, std::uint64_t dirty_end) {
  if (last_batch < end_) {
    TRY(const auto bytes, file_->read_exactly(last_batch, end_ - last_batch));
    TRY(file_->write_at(last_batch, bytes));
  }
  if (dirty_end > end_) TRY(file_->write_at(end_, Bytes(dirty_end - end_, '\0')));
  return file_->sync();
}

}  // namespace store::log
