// SPDX-License-Identifier: MPL-2.0
#include "store/log/repair.h"

#include <algorithm>
#include <utility>

#include "store/log/listing.h"
#include "store/log/scan.h"

namespace store::log {
namespace {

Status ignore(const Entry&) { return core::ok_status(); }

std::string log_directory(const std::string& directory) { return directory + "/log"; }

Result<Bytes> read_whole(Env& env, const std::string& path) {
  TRY(auto file, env.open(path, Open::read));
  TRY(const auto size, file->size());
  return file->read_exactly(0, size);
}

// A damaged record may still say in its header which digest it has; else the next record or seal that can
// be recognised says what must lead to it.
void find_end(Hole& hole, ByteView bytes, const Digest& salt) {
  const auto last_possible = hole.last;
  for (auto at = hole.offset; at + kSealBytes <= bytes.size(); at += kAlignment) {
    const auto here = bytes.substr(at);
    if (const auto record = parse_record(here, salt)) {
      const auto index = record->entry.id.index;
      if (index < hole.first || index > last_possible.next()) continue;
      if (index == hole.first) {
        hole.last = index;
        hole.digest = record->entry.digest;
        hole.bytes = record_size(record->payload_bytes);
        return;
      }
      hole.last = index.prev();
      if (hole.last != last_possible) hole.digest.reset();
      hole.bytes = at - hole.offset;
      hole.witness = {index, record->entry.digest, at};
      return;
    }
    const auto seal = parse_seal(here, salt);
    if (!seal || seal->index < hole.first || seal->index > last_possible) continue;
    hole.last = seal->index;
    hole.digest = seal->digest;
    hole.bytes = at - hole.offset;
    return;
  }
}

Result<Hole> measure(Env& env, const Scan& scan, const SegmentHeader* next) {
  const auto& damage = *scan.damage;
  Hole hole{.path = damage.path, .offset = damage.offset, .bytes = 0, .first = damage.index, .last = damage.durable,
            .previous = scan.segment.last_digest(), .digest = {}, .witness = {}};
  if (next != nullptr) hole.digest = next->previous;
  TRY(const auto bytes, read_whole(env, damage.path));
  find_end(hole, bytes, salt_of(scan.segment.header()));
  return hole;
}

// The mark stays until the entries are durable. Without it, a process that comes after a failed sync would find them
// there and believe in them, and a power cut would take them away again.
Status put_back(Env& env, const std::string& directory, const Hole& hole, File& file, ByteView bytes) {
  const auto mark = hole.path + std::string(kMendingSuffix);
  TRY(env.open(mark, Open::replace));
  TRY(env.sync_directory(directory));
  TRY(file.write_at(hole.offset, bytes));
  TRY(file.sync());
  return env.remove(mark);
}

// Is this what was lost? `digest` is of the last of the entries, which reach up to `last`.
Status prove(const Hole& hole, File& file, const Digest& salt, Index last, const Digest& digest) {
  const Error wrong{Errc::corrupt, hole.describe() + ": what was offered is not what was lost"};
  if (hole.witness && last == hole.witness->index) {
    if (digest == hole.witness->digest) return core::ok_status();
    return wrong;
  }
  if (last != hole.last) return wrong;
  if (hole.digest) {
    if (digest == *hole.digest) return core::ok_status();
    return wrong;
  }
  if (!hole.witness) return wrong;
  TRY(const auto size, file.size());
  TRY(const auto bytes, file.read_exactly(hole.witness->offset, size - hole.witness->offset));
  if (verify_record(bytes, salt, hole.witness->index, digest, std::make_shared<Bytes>()).ok()) return core::ok_status();
  return wrong;
}

}  // namespace

std::string Hole::describe() const {
  return path + ": offset " + std::to_string(offset) + ": entries " + std::to_string(first.value) + " to " +
         std::to_string(last.value);
}

Result<std::optional<Hole>> find_hole(Env& env, const std::string& directory) {
  TRY(auto listing, list_segments(env, log_directory(directory)));
  if (!listing.unreadable.empty()) return listing.unreadable.front();
  for (std::size_t i = 0; i < listing.live.size(); ++i) {
    const auto* next = i + 1 < listing.live.size() ? &listing.live[i + 1].header : nullptr;
    std::optional<Index> must_reach;
    if (next != nullptr) must_reach = next->first.prev();
    TRY(const auto scan,
        scan_segment(env, std::move(listing.live[i].file), listing.live[i].header, must_reach, ignore));
    if (!scan.damage) continue;
    TRY(auto hole, measure(env, scan, next));
    return std::optional<Hole>(std::move(hole));
  }
  return std::optional<Hole>();
}

Status fill_hole(Env& env, const std::string& directory, const Hole& hole, std::span<const Entry> entries) {
  const auto wrong = [&hole](const std::string& what) {
    return Error{Errc::corrupt, hole.describe() + ": " + what};
  };
  TRY(auto listing, list_segments(env, log_directory(directory)));
  const auto segment = std::find_if(listing.live.begin(), listing.live.end(), [&](const FoundSegment& found) {
    return found.file->path() == hole.path;
  });
  if (segment == listing.live.end()) return wrong("the segment is not of the log any more");
  const auto salt = salt_of(segment->header);
  Bytes bytes;
  std::size_t hole_bytes = 0;  // of `bytes`, up to hole.last
  auto index = hole.first;
  auto digest = hole.previous;
  for (const auto& entry : entries) {
    if (entry.id.index != index || core::raft::chain_digest(digest, entry) != entry.digest)
      return wrong("entry " + std::to_string(index.value) + " that was offered does not continue the log");
    // A batch of its own: while this write may be torn, its record must not vouch for less than is known.
    append_record(bytes, salt, index, entry);
    if (index <= hole.last) hole_bytes = bytes.size();
    index = index.next();
    digest = entry.digest;
  }
  TRY(prove(hole, *segment->file, salt, index.prev(), digest));
  if (hole.bytes != 0 && hole_bytes != hole.bytes) return wrong("what was offered does not fit");
  return put_back(env, log_directory(directory), hole, *segment->file, bytes);
}

namespace {

class Salvage {
 public:
  Salvage(Env& env, const std::string& directory, Index covered)
      : env_(env), home_(directory), directory_(log_directory(directory)), covered_(covered) {}

  Result<Salvaged> run() {
    TRY(auto listing, list_segments(env_, directory_));
    SegmentHeader next{listing.newest_generation + 1, Index{1}, Term{0}, Digest{}, true};
    TRY(walk(listing, next));
    if (out_.reasons.empty()) return std::move(out_);
    TRY(copy_all());
    for (const auto& error : listing.unreadable) TRY(env_.remove(path_in(error)));
    TRY(begin_at(next));
    out_.kept_up_to = next.first.prev();
    return std::move(out_);
  }

 private:
  // Follows the log as far as it can be read; `next` becomes the segment that ends it there.
  Status walk(Listing& listing, SegmentHeader& next) {
    for (const auto& error : listing.unreadable) out_.reasons.push_back(error.detail);
    for (std::size_t i = 0; i < listing.live.size(); ++i) {
      auto& found = listing.live[i];
      const bool joins = i == 0 ? found.header.first.prev() <= covered_
                                : found.header.first == next.first && found.header.previous == next.previous;
      if (!joins) {
        out_.reasons.push_back(found.file->path() + ": offset 0: does not continue what comes before it");
        return core::ok_status();
      }
      std::optional<Index> must_reach;
      if (i + 1 < listing.live.size()) must_reach = listing.live[i + 1].header.first.prev();
      TRY(const auto scan, scan_segment(env_, std::move(found.file), found.header, must_reach, ignore));
      const auto last = scan.segment.last();
      next = {next.generation, last.index.next(), last.term, scan.segment.last_digest(),
              i == 0 && scan.segment.empty()};
      if (!scan.damage) continue;
      out_.reasons.push_back(scan.damage->path + ": offset " + std::to_string(scan.damage->offset) + ": " +
                             scan.damage->what);
      return core::ok_status();
    }
    return core::ok_status();
  }

  // A damaged header's message begins with its path.
  static std::string path_in(const Error& error) { return error.detail.substr(0, error.detail.find(": ")); }

  Status copy_all() {
    bool taken = true;
    for (int n = 1; taken; ++n) {
      out_.copies = home_ + "/salvaged-" + std::to_string(n);
      TRY(taken, env_.exists(out_.copies));
    }
    TRY(env_.make_directories(out_.copies));
    TRY(const auto names, env_.list(directory_));
    for (const auto& name : names) {
      if (!first_of_name(name)) continue;
      TRY(const auto bytes, read_whole(env_, directory_ + "/" + name));
      TRY(auto copy, env_.open(out_.copies + "/" + name, Open::create));
      TRY(copy->write_at(0, bytes));
      TRY(copy->sync());
    }
    return env_.sync_directory(out_.copies);
  }

  // An empty segment of a newer generation makes everything from there on void.
  Status begin_at(const SegmentHeader& header) {
    const auto temporary = directory_ + "/" + std::string(kSpareName);
    TRY(auto file, env_.open(temporary, Open::replace));
    TRY(file->allocate(core::limits::kSegmentBytes));
    Segment segment(env_, std::move(file), header, core::limits::kSegmentBytes);
    Bytes scratch;
    TRY(segment.begin({}, scratch));
    TRY(env_.rename(temporary, directory_ + "/" + segment_name(header.first)));
    return env_.sync_directory(directory_);
  }

  Env& env_;
  std::string home_;
  std::string directory_;
  Index covered_;  // by a snapshot
  Salvaged out_;
};

}  // namespace

Result<Salvaged> salvage(Env& env, const std::string& directory,
                         const std::optional<core::raft::SnapshotMeta>& snapshot) {
  return Salvage(env, directory, snapshot ? snapshot->last.index : Index{0}).run();
}

}  // namespace store::log
