// SPDX-License-Identifier: MPL-2.0
#include "store/snapshot/snapshots.h"

#include <algorithm>
#include <utility>

#include "core/base/assert.h"
#include "store/sqlite.h"

namespace store::snapshot {
namespace {

constexpr std::string_view kDatabase = ".db";
constexpr std::string_view kPart = ".part";
constexpr std::string_view kTemporary = ".tmp";
constexpr std::string_view kMakingName = "making.tmp";

std::optional<EntryId> id_of(std::string_view name, std::string_view extension) {
  if (!name.ends_with(extension)) return std::nullopt;
  return parse_name(name.substr(0, name.size() - extension.size()));
}

Snapshot describe(const Trailer& trailer, std::uint64_t bytes, std::string path) {
  return {trailer.meta, trailer.database_bytes, bytes, trailer.digest, std::move(path)};
}

// Makes a file durable while another writes it. All of it at once would hold up the log, whose syncs wait
// for the same disk, as long as that takes.
class Trickle {
 public:
  Trickle(Env& env, const std::string& path) : env_(env), path_(path) {}

  Status sync() {
    if (!file_) {
      TRY(file_, env_.open(path_, Open::write));
    }
    TRY(const auto size, file_->size());
    if (size < synced_ + kUnsyncedBytesMax) return core::ok_status();
    synced_ = size;
    return file_->sync();
  }

 private:
  Env& env_;
  const std::string& path_;
  std::unique_ptr<File> file_;
  std::uint64_t synced_ = 0;
};

// Closes its file before anybody else opens it: to close a file is to lose the locks SQLite has on it.
Result<SnapshotMeta> write_trickling(Env& env, const std::string& path, const Snapshots::Write& write) {
  Trickle trickle(env, path);
  return write(path, [&trickle] { return trickle.sync(); });
}

bool newer(const Snapshot& a, const Snapshot& b) { return a.meta.last.index > b.meta.last.index; }

}  // namespace

Snapshots::Snapshots(Env& env, std::string directory, Check check)
    : env_(&env), directory_(std::move(directory)), check_(std::move(check)) {}

std::string Snapshots::path_of(const EntryId& id) const { return named(id, kDatabase); }

std::string Snapshots::named(const EntryId& id, std::string_view extension) const {
  return directory_ + "/" + name_of(id) + std::string(extension);
}

Result<Snapshots> Snapshots::open(Env& env, std::string directory, Check check) {
  Snapshots out(env, std::move(directory), std::move(check));
  TRY(env.make_directories(out.directory_));
  TRY(const auto names, env.list(out.directory_));
  // A rename that a crash left in memory only is about to be relied on.
  if (!names.empty()) TRY(env.sync_directory(out.directory_));
  for (const auto& name : names) {
    const auto path = out.directory_ + "/" + name;
    if (name.ends_with(kTemporary)) TRY(env.remove(path));
    const auto id = id_of(name, kDatabase);
    if (!id) continue;
    auto found = out.look_at(path, *id);
    if (found.ok())
      out.snapshots_.push_back(std::move(found).value());
    else if (found.error().code == Errc::corrupt)
      out.damaged_.push_back(found.error().detail);
    else
      return std::move(found).error();
  }
  std::sort(out.snapshots_.begin(), out.snapshots_.end(), newer);
  return out;
}

Result<Snapshot> Snapshots::look_at(const std::string& path, const EntryId& id) {
  TRY(auto file, env_->open(path, Open::read));
  TRY(const auto trailer, read_trailer(*file));
  TRY(const auto bytes, file->size());
  if (trailer.meta.last != id)
    return Error{Errc::corrupt, path + ": holds snapshot " + name_of(trailer.meta.last)};
  return describe(trailer, bytes, path);
}

Result<std::optional<Snapshot>> Snapshots::newest_valid() {
  while (!snapshots_.empty()) {
    const auto& newest = snapshots_.front();
    TRY(auto file, env_->open(newest.path, Open::read));
    TRY(const auto digest, digest_of(*file, newest.database_bytes));
    if (digest == newest.digest) return std::optional<Snapshot>(newest);
    damaged_.push_back(newest.path + ": does not match its digest");
    snapshots_.erase(snapshots_.begin());
  }
  return std::optional<Snapshot>();
}

// ---- making --------------------------------------------------------------------------------------

Result<Snapshot> Snapshots::create(const Write& write) {
  const auto temporary = directory_ + "/" + std::string(kMakingName);
  TRY(const bool left_over, env_->exists(temporary));
  if (left_over) TRY(env_->remove(temporary));
  TRY(const auto meta, write_trickling(*env_, temporary, write));
  TRY(check_(temporary));
  TRY(auto file, env_->open(temporary, Open::write));
  TRY(const auto size, file->size());
  Trailer trailer{meta, (size + kBlockBytes - 1) / kBlockBytes * kBlockBytes, {}};
  if (trailer.database_bytes > size) TRY(file->write_at(size, Bytes(trailer.database_bytes - size, '\0')));
  TRY(trailer.digest, digest_of(*file, trailer.database_bytes));
  const auto bytes = encode(trailer);
  TRY(file->write_at(trailer.database_bytes, bytes));
  TRY(file->sync());
  TRY(file->close());
  auto snapshot = describe(trailer, trailer.database_bytes + bytes.size(), named(meta.last, kDatabase));
  TRY(give_name(temporary, snapshot));
  return snapshot;
}

Status Snapshots::give_name(const std::string& temporary, const Snapshot& snapshot) {
  TRY(env_->rename(temporary, snapshot.path));
  TRY(env_->sync_directory(directory_));
  std::erase_if(snapshots_, [&](const Snapshot& other) { return other.path == snapshot.path; });
  snapshots_.insert(std::upper_bound(snapshots_.begin(), snapshots_.end(), snapshot, newer), snapshot);
  return core::ok_status();
}

Status Snapshots::keep(std::size_t count) {
  ASSERT(count > 0);
  while (snapshots_.size() > count) {
    TRY(env_->remove(snapshots_.back().path));
    snapshots_.pop_back();
  }
  return core::ok_status();
}

// ---- sending and receiving -----------------------------------------------------------------------

Result<core::raft::SnapshotPiece> Snapshots::read(const EntryId& id, std::uint64_t offset,
                                                  std::size_t bytes_max) {
  const auto found = std::find_if(snapshots_.begin(), snapshots_.end(),
                                  [&](const Snapshot& snapshot) { return snapshot.meta.last == id; });
  if (found == snapshots_.end()) return Error{Errc::not_found, "there is no snapshot " + name_of(id)};
  if (offset > found->bytes)
    return Error{Errc::invalid, found->path + ": has no offset " + std::to_string(offset)};
  TRY(auto file, env_->open(found->path, Open::read));
  TRY(auto bytes, file->read_exactly(offset, std::min<std::uint64_t>(bytes_max, found->bytes - offset)));
  return core::raft::SnapshotPiece{std::make_shared<const Bytes>(std::move(bytes)), found->bytes};
}

Result<std::uint64_t> Snapshots::received(const EntryId& id) {
  const auto path = named(id, kPart);
  TRY(const bool there, env_->exists(path));
  if (!there) return std::uint64_t{0};
  TRY(auto file, env_->open(path, Open::read));
  return file->size();
}

Status Snapshots::discard_parts() {
  TRY(const auto names, env_->list(directory_));
  for (const auto& name : names)
    if (name.ends_with(kPart)) TRY(env_->remove(directory_ + "/" + name));
  return core::ok_status();
}

Result<std::uint64_t> Snapshots::store(const core::raft::StoreSnapshot& piece) {
  const auto path = named(piece.snapshot.last, kPart);
  if (piece.offset == 0) TRY(discard_parts());
  TRY(const auto have, received(piece.snapshot.last));
  const auto next = piece.offset + piece.bytes->size();
  if (piece.offset > have)
    return Error{Errc::conflict, path + ": holds " + std::to_string(have) + " bytes, a piece at " +
                                     std::to_string(piece.offset) + " does not follow"};
  {
    TRY(auto file, env_->open(path, have == 0 ? Open::replace : Open::write));
    if (piece.offset < have) TRY(file->truncate(piece.offset));
    TRY(file->write_at(piece.offset, *piece.bytes));
    const bool much = next / kUnsyncedBytesMax > piece.offset / kUnsyncedBytesMax;
    if (much) TRY(file->sync());
  }
  if (!piece.last) return next;
  const auto finished = finish(path, piece.snapshot);
  if (finished.ok()) return next;
  TRY(env_->remove(path));
  return finished.error();
}

Result<Snapshot> Snapshots::finish(const std::string& part, const SnapshotMeta& expected) {
  TRY(auto file, env_->open(part, Open::write));
  TRY(const auto trailer, read_trailer(*file));
  if (trailer.meta != expected)
    return Error{Errc::corrupt, part + ": is snapshot " + name_of(trailer.meta.last) + " of another history"};
  TRY(const auto digest, digest_of(*file, trailer.database_bytes));
  if (digest != trailer.digest) return Error{Errc::corrupt, part + ": does not match its digest"};
  TRY(check_(part));
  TRY(const auto bytes, file->size());
  TRY(file->sync());
  auto snapshot = describe(trailer, bytes, named(expected.last, kDatabase));
  TRY(give_name(part, snapshot));
  return snapshot;
}

}  // namespace store::snapshot
