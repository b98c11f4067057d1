// SPDX-License-Identifier: MPL-2.0
// The directory of snapshots: <index>-<term>.db, each a complete SQLite database that proves itself.
//
// A snapshot counts once it has its name, and gets it only when its content was checked and is
// durable. One that comes from another server is kept as <index>-<term>.part and goes on where it
// stopped, after a restart too. Blocking; one thread at a time.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/raft/io.h"
#include "store/snapshot/format.h"

namespace store::snapshot {

struct Snapshot {
  SnapshotMeta meta;
  std::uint64_t database_bytes = 0;
  std::uint64_t bytes = 0;  // of the whole file, as it is sent
  Digest digest;            // of the database
  std::string path;
};

class Snapshots {
 public:
  // Is the database in this file sound? store::state::check_image is the one to use.
  using Check = std::function<Status(const std::string& path)>;
  // To be called often by whoever writes a file: syncs it a little at a time. After an error it must end.
  using Between = std::function<Status()>;
  // Writes a database to `path`, which does not exist, and says what it stands for.
  using Write = std::function<Result<SnapshotMeta>(const std::string& path, const Between& between)>;

  // Makes the directory if missing, removes half-made snapshots of ours. `env` outlives it.
  static Result<Snapshots> open(Env& env, std::string directory, Check check);

  // Newest first. Their trailers were read; their databases were not looked at.
  const std::vector<Snapshot>& list() const { return snapshots_; }
  // Files that are named like snapshots and are none, with the reason. They are left where they are.
  const std::vector<std::string>& damaged() const { return damaged_; }
  // The newest whose database matches its digest; what does not is moved to damaged().
  Result<std::optional<Snapshot>> newest_valid();

  // Makes a snapshot: written, checked, digested, durable. The state it stands for is the writer's.
  Result<Snapshot> create(const Write& write);
  // Removes all but the newest `count`. REQUIRES: count > 0.
  Status keep(std::size_t count);

  // A piece for another server. Errc::not_found if there is no such snapshot.
  Result<core::raft::SnapshotPiece> read(const EntryId& snapshot, std::uint64_t offset,
                                         std::size_t bytes_max);
  // How much of it was received so far, by this process or one before it.
  Result<std::uint64_t> received(const EntryId& snapshot);
  // Keeps a piece that another server sent; the offset it wants next. A first piece discards all
  // other unfinished ones; a piece beyond what is there is Errc::conflict. With the last piece the
  // whole is checked and made durable, or discarded with Errc::corrupt.
  Result<std::uint64_t> store(const core::raft::StoreSnapshot& piece);
  // Where a snapshot is kept once it is complete.
  std::string path_of(const EntryId& id) const;

 private:
  Snapshots(Env& env, std::string directory, Check check);
  std::string named(const EntryId& id, std::string_view extension) const;
  Result<Snapshot> look_at(const std::string& path, const EntryId& id);
  Status discard_parts();
  Result<Snapshot> finish(const std::string& part, const SnapshotMeta& expected);
  Status give_name(const std::string& temporary, const Snapshot& snapshot);

  Env* env_;
  std::string directory_;
  Check check_;
  std::vector<Snapshot> snapshots_;  // newest first
  std::vector<std::string> damaged_;
};

}  // namespace store::snapshot
