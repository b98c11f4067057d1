// SPDX-License-Identifier: MPL-2.0
#include "store/log/recovery.h"

#include <algorithm>
#include <utility>

#include "core/base/assert.h"
#include "store/log/listing.h"
#include "store/log/remains.h"
#include "store/log/scan.h"

namespace store::log {
namespace {

// A log begins with a small segment: writing a full one would be most of a new server's start.
constexpr std::size_t kFirstSegmentBytes = 256 * core::limits::kKiB;

class Recovery {
 public:
  Recovery(Env& env, const std::string& directory, LogOptions options)
      : env_(env), home_(directory), directory_(directory + "/log"), options_(options) {}

  Result<Recovered> run(const std::optional<SnapshotMeta>& snapshot) {
    TRY(env_.make_directories(directory_));
    TRY(auto listing, list_segments(env_, directory_));
    if (!listing.unreadable.empty()) return listing.unreadable.front();
    for (const auto& mark : listing.mending) TRY(write_again(mark));
    TRY(auto hard_state, open_hard_state(listing.live.empty()));
    auto scanned = scan(listing.live);
    if (!scanned.ok() && scanned.error().code == Errc::corrupt && snapshot) {
      TRY(begin_behind(*snapshot, hard_state, scanned.error(), listing.newest_generation + 1));
      TRY(listing, list_segments(env_, directory_));
      out_.terms.clear();
      out_.configurations.clear();
      scanned = scan(listing.live);
    }
    TRY(auto segments, std::move(scanned));
    TRY(tidy(listing));
    const bool begin = segments.empty();
    if (begin) {
      TRY(auto first, begin_log());
      segments.push_back(std::move(first));
    }
    out_.log =
        std::make_unique<RaftLog>(env_, directory_, options_, std::move(hard_state), std::move(segments));
    TRY(check_term());
    TRY(join_snapshot(snapshot));
    return std::move(out_);
  }

 private:
  // What was put back into the segment may be there without being durable.
  Status write_again(const std::string& mark) {
    const auto path = mark.substr(0, mark.size() - kMendingSuffix.size());
    TRY(const bool exists, env_.exists(path));
    if (exists) {
      TRY(auto file, env_.open(path, Open::write));
      TRY(const auto size, file->size());
      TRY(const auto bytes, file->read_exactly(0, size));
      TRY(file->write_at(0, bytes));
      TRY(file->sync());
      out_.mended.push_back("wrote a segment again that lost entries were being put back into: " + path);
    }
    return env_.remove(mark);
  }

  // The hard state is made before the first segment, and both before any promise.
  Result<HardStateFile> open_hard_state(bool log_missing) {
    TRY(auto found, HardStateFile::open(env_, home_));
    if (!found && !log_missing)
      return Error{Errc::corrupt, home_ +
                                      "/hard_state is missing, but there is a log: term and vote of this "
                                      "server are lost"};
    if (!found) return HardStateFile::create(env_, home_);
    if (log_missing && found->state().term.value != 0)
      return Error{Errc::corrupt, directory_ + " holds no segment, but this server has taken part in term " +
                                      std::to_string(found->state().term.value) + ": its log is lost"};
    if (!found->mended().empty()) out_.mended.push_back("rewrote a damaged slot: " + found->mended());
    return std::move(*found);
  }

  Result<std::vector<Segment>> scan(std::vector<FoundSegment>& live) {
    std::vector<Segment> segments;
    for (std::size_t i = 0; i < live.size(); ++i) {
      std::optional<Index> must_reach;
      if (i + 1 < live.size()) must_reach = live[i + 1].header.first.prev();
      TRY(check_joint(segments, live[i]));
      TRY(auto scan, scan_segment(env_, std::move(live[i].file), live[i].header, must_reach,
                                  [this](const Entry& entry) { return note(entry); }));
      if (scan.damage) return scan.damage->error();
      if (must_reach)
        scan.segment.rest();
      else
        TRY(settle(scan));
      segments.push_back(std::move(scan.segment));
    }
    return segments;
  }

  // The log is damaged, but a snapshot stands for the damaged part: all that it does not stand for goes into
  // a segment that makes the others void. Or the damage's error, if something is missing from that too.
  Status begin_behind(const SnapshotMeta& snapshot, HardStateFile& hard_state, const Error& damage,
                      std::uint64_t generation) {
    const auto entries = remains_behind(env_, home_, snapshot.last.index, snapshot.digest);
    if (!entries.ok()) return entries.error().code == Errc::corrupt ? damage : entries.error();
    // A term that this server has not heard of is one in which it has not voted.
    if (hard_state.state().term < snapshot.last.term) TRY(hard_state.write({snapshot.last.term, {}}));
    const SegmentHeader header{generation, snapshot.last.index.next(), snapshot.last.term, snapshot.digest, true};
    TRY(begin_segment(header, *entries));
    out_.mended.push_back("began the log anew behind the snapshot at entry " +
                          std::to_string(snapshot.last.index.value) + ", which stands for what is damaged: " + damage.detail);
    return core::ok_status();
  }

  static Status check_joint(const std::vector<Segment>& before, const FoundSegment& next) {
    if (before.empty()) return core::ok_status();
    const auto& last = before.back();
    if (last.last() == EntryId{next.header.previous_term, next.header.first.prev()} &&
        last.last_digest() == next.header.previous)
      return core::ok_status();
    return Error{Errc::corrupt, next.file->path() + ": offset 0: does not continue " + last.path()};
  }

  Status settle(Scan& scan) {
    if (scan.torn)
      out_.mended.push_back("cut a write that was never finished: " + scan.segment.path() + ": offset " +
                            std::to_string(scan.segment.end()) + ", after entry " +
                            std::to_string(scan.segment.last().index.value));
    // Entries that a process wrote but did not live to sync are kept, so they must be durable now.
    return scan.segment.settle(scan.last_batch, scan.torn ? scan.dirty_end : 0);
  }

  Status note(const Entry& entry) {
    auto& terms = out_.terms;
    if (terms.empty() || terms.back().term != entry.id.term) terms.push_back({entry.id.term, entry.id.index});
    if (entry.kind != core::raft::EntryKind::configuration) return core::ok_status();
    auto configuration = core::raft::decode_configuration(*entry.payload);
    if (!configuration.ok())
      return core::within("entry " + std::to_string(entry.id.index.value), configuration.error());
    out_.configurations.push_back({entry.id.index, std::move(configuration).value()});
    return core::ok_status();
  }

  Status tidy(const Listing& listing) {
    // The newest segment's name may not have been durable; it must be before what it covers goes.
    if (!listing.live.empty()) TRY(env_.sync_directory(directory_));
    for (const auto& path : listing.void_) {
      TRY(env_.remove(path));
      out_.mended.push_back("removed a segment that newer ones cover: " + path);
    }
    for (const auto& path : listing.half_made) TRY(env_.remove(path));
    return mend_headers(listing);
  }

  Status mend_headers(const Listing& listing) {
    for (const auto& found : listing.live) {
      if (!found.header_damaged) continue;
      const auto path = directory_ + "/" + segment_name(found.header.first);
      TRY(auto file, env_.open(path, Open::write));
      TRY(file->write_at(0, encode(found.header)));
      TRY(file->sync());
      out_.mended.push_back("rewrote a damaged segment header from its copy: " + path + ": offset 0");
    }
    return core::ok_status();
  }

  Result<Segment> begin_log() {
    const SegmentHeader header{1, Index{1}, Term{0}, Digest{}, false};
    TRY(const auto bytes, begin_segment(header, {}));
    TRY(auto named, env_.open(directory_ + "/" + segment_name(header.first), Open::write));
    return Segment(env_, std::move(named), header, bytes);
  }

  // Durable, under its name; its size.
  Result<std::uint64_t> begin_segment(const SegmentHeader& header, std::span<const Entry> entries) {
    const auto temporary = directory_ + "/" + std::string(kSpareName);
    TRY(auto file, env_.open(temporary, Open::replace));
    const auto wanted = kHeaderBytes + Segment::size_of(entries);
    const auto bytes = std::max<std::uint64_t>(wanted, std::min(options_.segment_bytes, kFirstSegmentBytes));
    TRY(file->allocate(bytes));
    TRY(file->write_at(0, Bytes(bytes, '\0')));
    Segment unnamed(env_, std::move(file), header, bytes);
    Bytes scratch;
    TRY(unnamed.begin(entries, scratch));
    TRY(env_.rename(temporary, directory_ + "/" + segment_name(header.first)));
    TRY(env_.sync_directory(directory_));
    return bytes;
  }

  Status check_term() {
    const auto last = out_.log->last().term;
    if (last <= out_.log->hard_state().term) return core::ok_status();
    return Error{Errc::corrupt,
                 home_ + "/hard_state: term " + std::to_string(out_.log->hard_state().term.value) +
                     " is older than the log, which reached term " + std::to_string(last.value)};
  }

  Status join_snapshot(const std::optional<SnapshotMeta>& snapshot) {
    auto& log = *out_.log;
    if (!snapshot) {
      if (log.before_first().index.value == 0) return core::ok_status();
      return Error{Errc::corrupt, directory_ + ": the log begins at entry " +
                                      std::to_string(log.first().value) +
                                      ", and there is no valid snapshot of what came before"};
    }
    const auto at = snapshot->last.index;
    if (log.before_first().index > at)
      return Error{Errc::corrupt, directory_ + ": the log begins at entry " +
                                      std::to_string(log.first().value) +
                                      ", but the newest valid snapshot ends at " + std::to_string(at.value)};
    TRY(const bool agrees, holds(*snapshot));
    if (agrees) return core::ok_status();
    // A snapshot is made of committed entries only, so it is the log that is behind or was overruled:
    // a crash came between the arrival of the snapshot and the new beginning of the log.
    core::raft::Save anew;
    anew.reset_to = snapshot;
    // It may also have come before the save of the term the snapshot arrived in; we have not voted there.
    if (log.hard_state().term < snapshot->last.term) anew.hard_state = HardState{snapshot->last.term, {}};
    TRY(log.save({&anew, 1}));
    out_.terms.clear();
    out_.configurations.clear();
    out_.mended.push_back("began the log anew behind the snapshot at entry " + std::to_string(at.value));
    return core::ok_status();
  }

  Result<bool> holds(const SnapshotMeta& snapshot) {
    auto& log = *out_.log;
    const auto at = snapshot.last.index;
    if (at > log.last().index) return false;
    if (at == log.last().index) return log.last_digest() == snapshot.digest;
    if (at == log.before_first().index) return log.digest_before_first() == snapshot.digest;
    TRY(const auto entry, log.read(at, at, 0));
    return entry.front().digest == snapshot.digest;
  }

  Env& env_;
  std::string home_;
  std::string directory_;
  LogOptions options_;
  Recovered out_;
};

Term term_at(const std::vector<core::raft::TermRun>& runs, Index index) {
  Term term;
  for (const auto& run : runs)
    if (run.first <= index) term = run.term;
  return term;
}

Status set_base(core::raft::Restored& out, const Recovered& recovered, Index base) {
  auto& log = *recovered.log;
  if (base == log.before_first().index) {
    out.base = log.before_first();
    out.base_digest = log.digest_before_first();
    return core::ok_status();
  }
  out.base = {term_at(recovered.terms, base), base};
  for (const auto& run : recovered.terms)
    if (run.first <= base) out.terms.push_back(run);
  TRY(const auto entry, log.read(base, base, 0));
  out.base_digest = entry.front().digest;
  return core::ok_status();
}

}  // namespace

Result<Recovered> recover(Env& env, const std::string& directory, const std::optional<SnapshotMeta>& snapshot,
                          LogOptions options) {
  return Recovery(env, directory, options).run(snapshot);
}

Result<core::raft::Restored> restored(const Recovered& recovered, const std::optional<SnapshotMeta>& snapshot,
                                      Index applied, std::uint64_t tail_bytes) {
  auto& log = *recovered.log;
  core::raft::Restored out;
  out.hard_state = log.hard_state();
  out.first = log.first();
  out.applied = applied;
  if (snapshot) {
    out.snapshot = *snapshot;
    out.configuration = snapshot->configuration;
    out.configuration_index = snapshot->configuration_index;
  }
  ASSERT(applied >= out.snapshot.last.index);
  ASSERT(applied <= log.last().index);
  // Not before the snapshot: the configuration in force there is not known to the log any more. Not
  // behind `applied`: Raft hands out what is still to be applied from memory.
  const auto base = std::max(out.snapshot.last.index, std::min(applied, log.tail_of(tail_bytes).prev()));
  TRY(set_base(out, recovered, base));
  for (const auto& found : recovered.configurations) {
    if (found.index <= out.configuration_index || found.index > base) continue;
    out.configuration = found.configuration;
    out.configuration_index = found.index;
  }
  if (base < log.last().index) {
    TRY(out.tail, log.read(base.next(), log.last().index, SIZE_MAX));
  }
  return out;
}

}  // namespace store::log
