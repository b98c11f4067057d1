// SPDX-License-Identifier: MPL-2.0
#include "agent/server/mender.h"

#include <algorithm>
#include <span>
#include <utility>

#include "agent/server/restore.h"
#include "core/base/limits.h"
#include "store/log/listing.h"
#include "store/log/remains.h"
#include "store/state/image.h"

namespace agent::server {
namespace {

using core::Errc;
using core::Error;
using core::Index;
using core::Result;
using core::server::FetchEntries;
using core::server::FetchSnapshot;

constexpr std::size_t kSnapshotsKept = 2;

}  // namespace

// ---- a hole in the log -----------------------------------------------------------------------------

std::size_t HoleEntries::add(const std::vector<core::raft::Entry>& entries) {
  const auto before = entries_.size();
  for (const auto& entry : entries) {
    if (all() || entry.id.index != next() || core::raft::chain_digest(digest_, entry) != entry.digest) break;
    digest_ = entry.digest;
    entries_.push_back(entry);
  }
  return entries_.size() - before;
}

core::Status HoleEntries::fill(store::Env& env, const std::string& directory) const {
  ASSERT(enough());
  // The record behind the hole is left as it is if it can be: nobody else may have it.
  const std::span<const core::raft::Entry> gathered(entries_);
  auto filled = store::log::fill_hole(env, directory, hole_, gathered.first(hole_.last.value - hole_.first.value + 1));
  if (filled.ok() || filled.error().code != Errc::corrupt || !hole_.witness || !all()) return filled;
  return store::log::fill_hole(env, directory, hole_, gathered);
}

void HoleEntries::clear() {
  entries_.clear();
  digest_ = hole_.previous;
}

// ---- what is lost ------------------------------------------------------------------------------------

Result<store::snapshot::Snapshots> Mender::open_snapshots() {
  return store::snapshot::Snapshots::open(env_, directory_ + "/snapshots", store::state::check_image);
}

Result<std::optional<LossQuestion>> Mender::look() {
  question_.reset();
  hole_.reset();
  TRY(self_, read_id(env_, directory_));
  TRY(snapshots_, open_snapshots());
  TRY(const auto snapshot, snapshots_->newest_valid());
  TRY(auto hole, store::log::find_hole(env_, directory_));
  const auto have = snapshot ? snapshot->meta.last.index : Index{0};
  if (!hole) return look_for_base(have);
  damage_ = hole->describe();
  if (snapshot && store::log::remains_behind(env_, directory_, have, snapshot->meta.digest).ok()) return question_;
  if (entries_are_gone_) {
    question_ = FetchSnapshot{.at_least = std::max(hole->last, have.next()), .index = {}, .term = {}, .offset = 0};
  } else {
    hole_.emplace(std::move(*hole));
    question_ = hole_->question();
  }
  return question_;
}

// Every entry is there, but do they begin where a snapshot ends, or at the first?
Result<std::optional<LossQuestion>> Mender::look_for_base(Index have) {
  TRY(const auto listing, store::log::list_segments(env_, directory_ + "/log"));
  if (listing.live.empty()) return question_;
  const auto& first = listing.live.front();
  const auto before = first.header.first.prev();
  if (before <= have) return question_;
  damage_ = directory_ + "/snapshots: no valid snapshot of the entries up to " + std::to_string(before.value) +
            ", behind which the log begins";
  for (const auto& sentence : snapshots_->damaged()) damage_ += "; " + sentence;
  question_ = FetchSnapshot{.at_least = before, .index = {}, .term = {}, .offset = 0};
  return question_;
}

void Mender::nobody_had_it() { entries_are_gone_ = hole_.has_value(); }

// Entries may come from several servers. Pieces of a snapshot may not: two servers' snapshots of the same
// entry need not be the same bytes.
void Mender::turn_to_next() {
  if (!question_ || hole_) return;
  auto& ask = std::get<FetchSnapshot>(*question_);
  ask = {.at_least = ask.at_least, .index = {}, .term = {}, .offset = 0};
}

// ---- answers -------------------------------------------------------------------------------------------

Result<Mender::Took> Mender::take(const core::raft::Message& answer) {
  ASSERT(question_);
  const auto* entries = std::get_if<core::raft::AppendRequest>(&answer);
  if (hole_ && entries != nullptr) return take_entries(*entries);
  const auto* piece = std::get_if<core::raft::InstallRequest>(&answer);
  if (!hole_ && piece != nullptr) return take_piece(*piece);
  return Took::nothing;
}

Result<Mender::Took> Mender::take_entries(const core::raft::AppendRequest& answer) {
  if (hole_->add(answer.entries) == 0) return Took::nothing;
  question_ = hole_->question();
  if (!hole_->enough()) return Took::some;
  const auto filled = hole_->fill(env_, directory_);
  if (filled.ok()) return Took::whole;
  if (filled.error().code != Errc::corrupt) return filled.error();
  if (!hole_->all()) return Took::some;
  // Of another history, or from where somebody else's were of one: the next begins anew.
  hole_->clear();
  question_ = hole_->question();
  return Took::nothing;
}

Result<Mender::Took> Mender::take_piece(const core::raft::InstallRequest& piece) {
  auto& ask = std::get<FetchSnapshot>(*question_);
  const auto& id = piece.snapshot.last;
  const auto size = piece.bytes->size();
  const bool first = ask.index.value == 0;
  const bool ours = piece.snapshot.configuration.find(self_) != nullptr;  // of the cluster that we are in
  const bool wanted = ours && (first ? id.index >= ask.at_least : id == core::raft::EntryId{ask.term, ask.index});
  const bool fits = size > 0 && piece.offset == ask.offset && piece.offset + size <= piece.size_bytes &&
                    (first || piece.size_bytes == snapshot_bytes_);
  if (!wanted || !fits) return Took::nothing;
  const bool last = piece.offset + size == piece.size_bytes;
  const auto next = snapshots_->store({.snapshot = piece.snapshot, .offset = piece.offset, .bytes = piece.bytes, .last = last});
  if (!next.ok() && next.error().code != Errc::corrupt && next.error().code != Errc::conflict) return next.error();
  if (!next.ok()) return Took::nothing;
  snapshot_bytes_ = piece.size_bytes;
  ask = {.at_least = ask.at_least, .index = id.index, .term = id.term, .offset = *next};
  if (!last) return Took::some;
  TRY(snapshots_->keep(kSnapshotsKept));
  entries_are_gone_ = false;
  return Took::whole;
}

// ---- for others ------------------------------------------------------------------------------------------

core::raft::Message append_of(Index first, std::vector<core::raft::Entry> entries) {
  core::raft::AppendRequest out;
  out.previous.index = first.prev();
  out.entries = std::move(entries);
  if (out.entries.size() > core::limits::kAppendBatchEntries) out.entries.resize(core::limits::kAppendBatchEntries);
  return out;
}

Result<core::raft::Message> piece_of(store::snapshot::Snapshots& snapshots, const FetchSnapshot& ask) {
  const auto fits = [&ask](const store::snapshot::Snapshot& snapshot) {
    const auto& last = snapshot.meta.last;
    return ask.index.value == 0 ? last.index >= ask.at_least : last == core::raft::EntryId{ask.term, ask.index};
  };
  const auto found = std::find_if(snapshots.list().begin(), snapshots.list().end(), fits);
  if (found == snapshots.list().end()) return Error{Errc::not_found, "no such snapshot"};
  const auto meta = found->meta;
  TRY(auto piece, snapshots.read(meta.last, ask.offset, core::limits::kSnapshotChunkBytes));
  core::raft::InstallRequest out;
  out.snapshot = meta;
  out.size_bytes = piece.size_bytes;
  out.offset = ask.offset;
  out.bytes = std::move(piece.bytes);
  return core::raft::Message(std::move(out));
}

Result<core::raft::Message> Mender::answer(const LossQuestion& question) {
  if (const auto* ask = std::get_if<FetchEntries>(&question)) {
    if (ask->first.value == 0) return Error{Errc::invalid, "there is no entry 0"};
    TRY(auto entries, store::log::read_remains(env_, directory_, ask->first, ask->last, core::limits::kAppendBatchBytes));
    if (entries.empty()) return Error{Errc::not_found, "entry " + std::to_string(ask->first.value) + " cannot be read here"};
    return append_of(ask->first, std::move(entries));
  }
  TRY(auto snapshots, open_snapshots());
  return piece_of(snapshots, std::get<FetchSnapshot>(question));
}

Result<std::vector<std::string>> Mender::peers() {
  TRY(const auto self, read_id(env_, directory_));
  std::vector<std::string> out;
  const auto add = [&](const core::raft::Configuration& configuration) {
    for (const auto& peer : configuration.peers)
      if (peer.id != self && std::find(out.begin(), out.end(), peer.address) == out.end()) out.push_back(peer.address);
  };
  TRY(const auto in_log, store::log::newest_configuration(env_, directory_));
  if (in_log) add(*in_log);
  TRY(const auto snapshots, open_snapshots());
  for (const auto& snapshot : snapshots.list()) add(snapshot.meta.configuration);
  return out;
}

}  // namespace agent::server
