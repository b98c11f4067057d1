// SPDX-License-Identifier: MPL-2.0
#include "store/log/remains.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "store/log/scan.h"

namespace store::log {
namespace {

struct Piece {
  Bytes bytes;
  Digest salt;
  Index before;  // the entry that the segment builds on
  Index last;    // what lies behind it is void
};

Result<Listing> list(Env& env, const std::string& directory) {
  const auto path = directory + "/log";
  TRY(const bool there, env.exists(path));
  if (!there) return Listing{};
  return list_segments(env, path);
}

// The segments that may hold entries from `from` on, one after the other, until `see` says false.
Status walk(const Listing& listing, Index from, const std::function<bool(const Piece&)>& see) {
  const auto& live = listing.live;
  for (std::size_t i = 0; i < live.size(); ++i) {
    const bool newest = i + 1 == live.size();
    const auto last = newest ? Index{UINT64_MAX} : live[i + 1].header.first.prev();
    if (last < from) continue;
    TRY(const auto size, live[i].file->size());
    TRY(auto bytes, live[i].file->read_exactly(0, size));
    if (!see({std::move(bytes), salt_of(live[i].header), live[i].header.first.prev(), last})) break;
  }
  return core::ok_status();
}

// The records that can be recognised and are all there, until `see` says false.
void records(const Piece& piece, const std::function<bool(const Record&, ByteView payload)>& see) {
  for (std::size_t at = kHeaderBytes; at + kRecordBytes <= piece.bytes.size();) {
    const auto here = ByteView(piece.bytes).substr(at);
    const auto record = parse_record(here, piece.salt);
    const bool whole = record && record_size(record->payload_bytes) <= here.size();
    if (whole && record->entry.id.index <= piece.last && !see(*record, here.substr(kRecordBytes, record->payload_bytes))) return;
    at += whole ? record_size(record->payload_bytes) : kAlignment;
  }
}

Entry entry_of(const Record& record, ByteView payload) {
  auto entry = record.entry;
  entry.payload = std::make_shared<const Bytes>(payload);
  return entry;
}

}  // namespace

Result<std::vector<Entry>> read_remains(Env& env, const std::string& directory, Index first, Index last,
                                        std::size_t bytes_max) {
  TRY(const auto listing, list(env, directory));
  std::vector<Entry> out;
  auto next = first;
  std::optional<Digest> previous;  // of the entry before `next`, if its record says
  bool over = false;
  const auto see = [&](const Record& record, ByteView payload) {
    const auto index = record.entry.id.index;
    if (index.next() == next) previous = record.entry.digest;
    if (index < next) return true;
    over = index != next || next > last || (!out.empty() && record_size(payload.size()) > bytes_max);
    if (over) return false;
    auto entry = entry_of(record, payload);
    over = previous && core::raft::chain_digest(*previous, entry) != entry.digest;
    if (over) return false;
    bytes_max -= std::min(bytes_max, record_size(payload.size()));
    previous = entry.digest;
    next = next.next();
    out.push_back(std::move(entry));
    return true;
  };
  TRY(walk(listing, first, [&](const Piece& piece) {
    records(piece, see);
    return !over;
  }));
  return out;
}

Result<std::vector<Entry>> remains_behind(Env& env, const std::string& directory, Index index,
                                          const Digest& digest) {
  TRY(const auto listing, list(env, directory));
  if (!listing.unreadable.empty()) return listing.unreadable.front();
  std::vector<Entry> out;
  const auto base = index;
  auto previous = digest;
  Index durable;
  bool overruled = false;
  TRY(walk(listing, base, [&](const Piece& piece) {
    const bool newest = piece.last == Index{UINT64_MAX};
    durable = newest ? std::max(piece.before, proven_durable(piece.bytes, piece.salt)) : piece.last;
    records(piece, [&](const Record& record, ByteView payload) {
      overruled = overruled || (record.entry.id.index == base && record.entry.digest != digest);
      if (record.entry.id.index != index.next()) return true;
      auto entry = entry_of(record, payload);
      if (core::raft::chain_digest(previous, entry) != entry.digest) return false;
      index = index.next();
      previous = entry.digest;
      out.push_back(std::move(entry));
      return true;
    });
    return true;
  }));
  if (overruled) return std::vector<Entry>();
  if (index >= durable) return out;
  return Error{Errc::corrupt, directory + "/log: entry " + std::to_string(index.next().value) +
                                  " cannot be read, though entries up to " + std::to_string(durable.value) +
                                  " were durable once"};
}

Result<std::optional<core::raft::Configuration>> newest_configuration(Env& env, const std::string& directory) {
  TRY(const auto listing, list(env, directory));
  std::optional<core::raft::Configuration> out;
  TRY(walk(listing, Index{0}, [&](const Piece& piece) {
    records(piece, [&](const Record& record, ByteView payload) {
      if (record.entry.kind != core::raft::EntryKind::configuration) return true;
      auto configuration = core::raft::decode_configuration(payload);
      if (configuration.ok()) out = std::move(*configuration);
      return true;
    });
    return true;
  }));
  return out;
}

}  // namespace store::log
