// SPDX-License-Identifier: MPL-2.0
#include "core/raft/log_tail.h"

#include <algorithm>

#include "core/base/assert.h"

namespace core::raft {
namespace {

std::size_t size_of(const Entry& entry) { return sizeof(Entry) + entry.payload->size(); }

}  // namespace

LogTail::LogTail(LogTailStart start)
    : snapshot_(start.snapshot),
      snapshot_digest_(start.snapshot_digest),
      first_(start.first),
      terms_(std::move(start.terms)),
      base_(start.base),
      base_digest_(start.base_digest) {
  ASSERT(first_.value > 0);
  ASSERT(first_.prev() <= base_.index);
  ASSERT(terms_.empty() == (first_ > base_.index));
  entries_.reserve(start.tail.size());
  for (auto& entry : start.tail) append(std::move(entry));
  durable_ = last().index;
}

const Entry* LogTail::find(Index index) const {
  if (index <= base_.index || index > last().index) return nullptr;
  return &entries_[dead_ + (index.value - base_.index.value - 1)];
}

std::optional<Term> LogTail::term_at(Index index) const {
  if (index.value == 0) return Term{};
  if (index >= first_ && index <= last().index) {
    const auto after = std::upper_bound(terms_.begin(), terms_.end(), index,
                                        [](Index at, const TermRun& run) { return at < run.first; });
    ASSERT(after != terms_.begin());
    return std::prev(after)->term;
  }
  if (index == snapshot_.index) return snapshot_.term;
  if (index == base_.index) return base_.term;
  return std::nullopt;
}

std::optional<Digest> LogTail::digest_at(Index index) const {
  if (index == base_.index) return base_digest_;
  if (const auto* entry = find(index)) return entry->digest;
  if (index.value == 0) return Digest{};
  if (index == snapshot_.index) return snapshot_digest_;
  return std::nullopt;
}

EntryId LogTail::newest_at_most(Index index, Term term) const {
  for (auto run = terms_.rbegin(); run != terms_.rend(); ++run) {
    if (run->term > term || run->first > index) continue;
    const auto end = run == terms_.rbegin() ? last().index : std::prev(run)->first.prev();
    return {run->term, std::min(index, end)};
  }
  if (snapshot_.index <= index && snapshot_.term <= term) return snapshot_;
  return {};
}

void LogTail::note_term(EntryId id) {
  if (terms_.empty() || terms_.back().term != id.term) terms_.push_back({id.term, id.index});
}

void LogTail::append(Entry entry) {
  ASSERT(entry.id.index == last().index.next());
  ASSERT(entry.id.term >= last().term);
  ASSERT(entry.payload != nullptr);
  note_term(entry.id);
  bytes_ += size_of(entry);
  entries_.push_back(std::move(entry));
}

void LogTail::limit_durable(Index last) {
  durable_ = std::min(durable_, last);
  for (auto& save : in_flight_) save.last = std::min(save.last, last);
}

void LogTail::truncate_from(Index from) {
  ASSERT(base_.index < from);
  while (live() > 0 && entries_.back().id.index >= from) {
    bytes_ -= size_of(entries_.back());
    entries_.pop_back();
  }
  while (!terms_.empty() && terms_.back().first >= from) terms_.pop_back();
  limit_durable(from.prev());
}

void LogTail::reset_to(EntryId last, const Digest& digest, Index kept) {
  ASSERT(kept <= last.index);
  snapshot_ = last;
  snapshot_digest_ = digest;
  first_ = last.index.next();
  terms_.clear();
  base_ = last;
  base_digest_ = digest;
  entries_.clear();
  dead_ = 0;
  bytes_ = 0;
  limit_durable(kept);
}

void LogTail::set_snapshot(EntryId last, const Digest& digest) {
  ASSERT(last.index >= snapshot_.index);
  snapshot_ = last;
  snapshot_digest_ = digest;
}

void LogTail::drop_before(Index first) {
  if (first <= first_) return;
  ASSERT(first <= last().index.next());
  first_ = first;
  while (terms_.size() > 1 && terms_[1].first <= first) terms_.erase(terms_.begin());
  if (first > last().index) {
    terms_.clear();
  } else {
    terms_.front().first = std::max(terms_.front().first, first);
  }
  // Memory never reaches further back than the disk, so that terms cover all of it.
  if (first.prev() > base_.index) shed(first.prev(), 0);
}

void LogTail::shed(Index upto, std::size_t bytes_max) {
  while (bytes_ > bytes_max && live() > 0 && entries_[dead_].id.index <= upto) {
    auto& entry = entries_[dead_++];
    bytes_ -= size_of(entry);
    base_ = entry.id;
    base_digest_ = entry.digest;
    entry.payload.reset();
  }
  if (dead_ > 0 && dead_ >= live()) {
    entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(dead_));
    dead_ = 0;
  }
}

void LogTail::saving(std::uint64_t number) { in_flight_.push_back({number, last().index}); }

void LogTail::saved(std::uint64_t number) {
  while (!in_flight_.empty() && in_flight_.front().number <= number) {
    durable_ = std::max(durable_, in_flight_.front().last);
    in_flight_.pop_front();
  }
}

}  // namespace core::raft
