// SPDX-License-Identifier: MPL-2.0
// A snapshot file: a complete SQLite database, then a trailer that says what it stands for.
//
// SQLite takes its size from its own header and never looks at what follows, so the file opens as it
// is with any SQLite tool. The trailer carries the log position, the configuration and a digest of
// the database: the file proves itself, wherever it was copied to. docs/formats/snapshot.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/limits.h"
#include "core/raft/types.h"
#include "store/env.h"

namespace store::snapshot {

using core::Digest;
using core::raft::EntryId;
using core::raft::SnapshotMeta;

// The database is padded to this, and so is the trailer.
inline constexpr std::size_t kBlockBytes = 4096;
// The database's digest is chained over pieces of this size, the last may be shorter.
inline constexpr std::size_t kPieceBytes = 1 * core::limits::kMiB;
// So much is written before it is synced: the log's own syncs wait behind it in the disk's queue.
inline constexpr std::size_t kUnsyncedBytesMax = 2 * core::limits::kMiB;
// A trailer with the largest configuration there may be is smaller.
inline constexpr std::size_t kTrailerBytesMax = 128 * core::limits::kKiB;

struct Trailer {
  SnapshotMeta meta;
  std::uint64_t database_bytes = 0;  // padded
  Digest digest;                     // of these bytes, see digest_of

  friend bool operator==(const Trailer&, const Trailer&) = default;
};

Bytes encode(const Trailer& trailer);
// The trailer at the end of `file`. Errc::corrupt if there is none, or the database before it is not
// as long as it says. The digest is not compared.
Result<Trailer> read_trailer(File& file);
// The same of a whole snapshot in memory.
Result<Trailer> read_trailer(ByteView snapshot);
// Of the first `size` bytes of `file`.
Result<Digest> digest_of(File& file, std::uint64_t size);

// "<index>-<term>", and back.
std::string name_of(const EntryId& last);
std::optional<EntryId> parse_name(std::string_view name);

}  // namespace store::snapshot
