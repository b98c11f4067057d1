// SPDX-License-Identifier: MPL-2.0
#include "store/log/raft_log.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/base/assert.h"

namespace store::log {
namespace {

constexpr std::uint64_t kSliceBytes = 1 * core::limits::kMiB;  // synced in some milliseconds
constexpr std::uint64_t kZeroBytes = 64 * core::limits::kKiB;   // written at once

std::uint64_t round_up(std::uint64_t size) { return (size + kHeaderBytes - 1) / kHeaderBytes * kHeaderBytes; }

}  // namespace

// Several saves as one change: what they come to when carried out one after the other.
struct RaftLog::Change {
  std::optional<HardState> hard_state;
  std::optional<core::raft::SnapshotMeta> reset_to;
  std::optional<Index> truncate_from;  // of what was in the log (or after the reset) before `append`
  std::vector<Entry> append;

  bool changes_log() const { return reset_to || truncate_from || !append.empty(); }
};

RaftLog::RaftLog(Env& env, std::string directory, LogOptions options, HardStateFile hard_state,
                 std::vector<Segment> segments)
    : env_(env),
      directory_(std::move(directory)),
      options_(options),
      hard_state_(std::move(hard_state)),
      segments_(std::move(segments)) {
  ASSERT(!segments_.empty());
  ASSERT(options_.segment_bytes >= 2 * kHeaderBytes);
}

EntryId RaftLog::before_first() const {
  return {segments_.front().header().previous_term, segments_.front().first().prev()};
}

RaftLog::Change RaftLog::join(std::span<const core::raft::Save> saves) {
  Change change;
  for (const auto& save : saves) {
    if (save.hard_state) change.hard_state = save.hard_state;
    if (save.reset_to) {
      change.reset_to = save.reset_to;
      change.truncate_from.reset();
      change.append.clear();
    }
    if (save.truncate_from) {
      auto& append = change.append;
      const auto from = *save.truncate_from;
      const bool within_append = !append.empty() && append.front().id.index < from;
      if (within_append)
        append.erase(append.begin() + static_cast<std::ptrdiff_t>(from.value - append.front().id.index.value),
                     append.end());
      else {
        append.clear();
        change.truncate_from = std::min(from, change.truncate_from.value_or(from));
      }
    }
    change.append.insert(change.append.end(), save.append.begin(), save.append.end());
  }
  return change;
}

Status RaftLog::save(std::span<const core::raft::Save> saves) {
  if (failed_) return *failed_;
  auto change = join(saves);
  if (!change.reset_to && change.truncate_from == last().index.next()) change.truncate_from.reset();
  const bool fresh = change.reset_to || change.truncate_from ||
                     (!change.append.empty() && !segments_.back().fits(change.append));
  if (fresh) {
    auto ready = ready_spare(kHeaderBytes + Segment::size_of(change.append));
    if (!ready.ok() && ready.error().code == Errc::no_space) return ready;  // nothing was touched yet
    if (!ready.ok()) return fail(ready.error());
  }
  auto written = write(change, fresh);
  return written.ok() ? written : fail(written.error());
}

Status RaftLog::fail(const Error& error) {
  // Errc::no_space means that trying again may help; here it cannot.
  failed_ = Error{error.code == Errc::no_space ? Errc::io : error.code, "the log stopped: " + error.detail};
  return *failed_;
}

Status RaftLog::write(const Change& change, bool fresh_segment) {
  // Before the entries: a log never holds a term that the hard state has not seen.
  if (change.hard_state) TRY(hard_state_.write(*change.hard_state));
  if (!change.changes_log()) return core::ok_status();
  if (!fresh_segment) return segments_.back().append(change.append, scratch_);
  TRY(const auto header, next_header(change));
  return begin_segment(header, change.append);
}

Result<SegmentHeader> RaftLog::next_header(const Change& change) {
  const auto generation = segments_.back().header().generation + 1;
  if (change.reset_to) {
    const auto& snapshot = *change.reset_to;
    ASSERT(!change.truncate_from || *change.truncate_from == snapshot.last.index.next());
    return SegmentHeader{generation, snapshot.last.index.next(), snapshot.last.term, snapshot.digest, true};
  }
  const auto from = change.truncate_from.value_or(last().index.next());
  ASSERT(from >= first());
  ASSERT(from <= last().index.next());
  // Taking the place of the oldest segment, it must void all that this one did.
  if (from == first())
    return SegmentHeader{generation, from, before_first().term, digest_before_first(), true};
  if (from == last().index.next()) return SegmentHeader{generation, from, last().term, last_digest(), false};
  TRY(const auto previous, read(from.prev(), from.prev(), 0));
  return SegmentHeader{generation, from, previous.front().id.term, previous.front().digest, false};
}

// The new file gets its name only when its content is durable, and counts only once the name is: up
// to then a crash leaves the old segments as they were.
Status RaftLog::begin_segment(const SegmentHeader& header, std::span<const Entry> entries) {
  const auto path = directory_ + "/" + segment_name(header.first);
  {
    Segment unnamed(env_, std::move(spare_), header, spare_bytes_);
    TRY(unnamed.begin(entries, scratch_));
  }
  TRY(env_.rename(directory_ + "/" + std::string(kSpareName), path));
  TRY(sync_names());
  TRY(auto file, env_.open(path, Open::write));  // so that messages name it
  Segment segment(env_, std::move(file), header, spare_bytes_);
  for (const auto& entry : entries) segment.note(entry);
  forget_void(header);
  segments_.push_back(std::move(segment));
  // The entries are safe; void files that resist are tried again before the segment that voids them goes.
  static_cast<void>(remove_void());
  return core::ok_status();
}

void RaftLog::forget_void(const SegmentHeader& by) {
  while (!segments_.empty() && (by.reset || segments_.back().first() >= by.first)) {
    const bool replaced = segments_.back().first() == by.first;  // by the rename
    if (!replaced) void_files_.push_back(segments_.back().path());
    segments_.pop_back();
  }
  if (segments_.empty()) return;
  auto& newest = segments_.back();
  if (by.first <= newest.last().index) newest.end_at({by.previous_term, by.first.prev()}, by.previous);
  newest.rest();
}

Status RaftLog::remove_void() {
  if (void_files_.empty()) return core::ok_status();
  for (const auto& path : void_files_) {
    // A newer segment may have taken the name since.
    const auto same = [&path](const Segment& segment) { return segment.path() == path; };
    if (std::any_of(segments_.begin(), segments_.end(), same)) continue;
    auto removed = env_.remove(path);
    if (!removed.ok() && removed.error().code != Errc::not_found) return removed;
  }
  TRY(sync_names());
  void_files_.clear();
  return core::ok_status();
}

Segment& RaftLog::holding(Index index) {
  const auto after = std::upper_bound(segments_.begin(), segments_.end(), index,
                                      [](Index i, const Segment& segment) { return i < segment.first(); });
  ASSERT(after != segments_.begin());
  return *std::prev(after);
}

Result<std::vector<Entry>> RaftLog::read(Index from, Index last, std::size_t bytes_max) {
  last = std::min(last, this->last().index);
  if (from < first() || from > last)
    return Error{Errc::not_found, "entry " + std::to_string(from.value) + " is not in the log, which holds " +
                                      std::to_string(first().value) + " to " +
                                      std::to_string(this->last().index.value)};
  std::vector<Entry> entries;
  while (from <= last) {
    auto& segment = holding(from);
    const auto upto = std::min(last, segment.last().index);
    TRY(auto some, segment.read(from, upto, bytes_max));
    if (&segment != &segments_.back()) segment.rest();
    const bool over = record_size(some.front().payload->size()) > bytes_max;
    if (over && !entries.empty()) break;
    for (const auto& entry : some) bytes_max -= std::min(bytes_max, record_size(entry.payload->size()));
    from = some.back().id.index.next();
    const bool whole = from > upto;
    if (entries.empty())
      entries = std::move(some);
    else
      std::move(some.begin(), some.end(), std::back_inserter(entries));
    if (!whole || bytes_max == 0) break;
  }
  return entries;
}

Index RaftLog::tail_of(std::uint64_t bytes) const {
  auto index = last().index.next();
  for (auto segment = segments_.rbegin(); segment != segments_.rend(); ++segment) {
    index = segment->tail_of(bytes);
    const auto used = segment->end() - kHeaderBytes;
    if (index > segment->first() || bytes <= used) break;
    bytes -= used;
  }
  return index;
}

Result<bool> RaftLog::drop_before(Index index) {
  if (failed_) return *failed_;
  const auto droppable = [&] { return segments_.size() > 1 && segments_[1].first() <= index; };
  if (!droppable()) return false;
  TRY(remove_void());
  TRY(env_.remove(segments_.front().path()));
  segments_.erase(segments_.begin());
  TRY(sync_names());  // before the next one goes: a crash leaves no hole in the middle
  return droppable();
}

Status RaftLog::sync_names() {
  const auto synced = env_.sync_directory(directory_);
  return synced.ok() ? synced : fail(synced.error());
}

Result<bool> RaftLog::prepare() {
  if (failed_) return *failed_;
  if (!wants_preparing()) return false;
  return prepare_slice(options_.segment_bytes, kSliceBytes);
}

bool RaftLog::wants_preparing() const { return (spare_ ? spare_ready_ : 0) < spare_wanted(); }

// Nothing while the newest segment is less than half full, so that a young log is not held up; then in
// step with it, so that both are complete together.
std::uint64_t RaftLog::spare_wanted() const {
  const auto& newest = segments_.back();
  const auto half = newest.capacity() / 2;
  if (newest.end() <= half) return 0;
  return std::min<std::uint64_t>(options_.segment_bytes, (newest.end() - half) * options_.segment_bytes / half);
}

Status RaftLog::ready_spare(std::uint64_t size) {
  size = round_up(std::max<std::uint64_t>(size, options_.segment_bytes));
  TRY(const bool more, prepare_slice(size, size));
  ASSERT(!more);
  return core::ok_status();
}

Result<bool> RaftLog::prepare_slice(std::uint64_t size, std::uint64_t slice_max) {
  auto more = extend_spare(size, slice_max);
  if (!more.ok()) spare_.reset();  // the next try begins with an empty file
  return more;
}

Result<bool> RaftLog::extend_spare(std::uint64_t size, std::uint64_t slice_max) {
  if (!spare_) {
    TRY(spare_, env_.open(directory_ + "/" + std::string(kSpareName), Open::replace));
    spare_bytes_ = 0;
    spare_ready_ = 0;
  }
  if (spare_bytes_ < size) {
    TRY(spare_->allocate(size));
    spare_bytes_ = size;
  }
  if (spare_ready_ == spare_bytes_) return false;
  // Written, not only reserved: writing over blocks that were never written makes each sync record
  // in the file system's journal that they now are.
  const auto slice_end = std::min(spare_ready_ + slice_max, spare_bytes_);
  const Bytes zeros(std::min<std::uint64_t>(kZeroBytes, slice_end - spare_ready_), '\0');
  for (auto at = spare_ready_; at < slice_end; at += zeros.size())
    TRY(spare_->write_at(at, core::ByteView(zeros).substr(0, slice_end - at)));
  TRY(spare_->sync());
  spare_ready_ = slice_end;
  return spare_ready_ < spare_bytes_;
}

Result<RaftLog::Scrubbed> RaftLog::scrub(std::size_t bytes) {
  auto from = std::max(scrubbed_.next(), first());
  if (from > last().index) from = first();
  if (last().index < from) return Scrubbed{last().index, true};
  TRY(const auto entries, read(from, last().index, bytes));
  scrubbed_ = entries.back().id.index;
  return Scrubbed{scrubbed_, scrubbed_ == last().index};
}

}  // namespace store::log
