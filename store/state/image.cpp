// SPDX-License-Identifier: MPL-2.0
#include "store/state/image.h"

#include <algorithm>

#include "core/base/limits.h"
#include "store/state/reader.h"
#include "store/state/row_digest.h"
#include "store/state/schema.h"

namespace store::state {
namespace {

using core::Errc;
using core::Result;
using core::Status;

constexpr std::size_t kCopyBytes = core::limits::kMiB;

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

Status remove_if_there(Env& env, const std::string& path) {
  auto status = env.remove(path);
  if (!status.ok() && status.error().code != Errc::not_found) return status;
  return core::ok_status();
}

Status copy(Env& env, const std::string& from, const std::string& to) {
  TRY(const auto source, env.open(from, Open::read));
  TRY(const auto target, env.open(to, Open::replace));
  TRY(const auto size, source->size());
  for (std::uint64_t at = 0; at < size;) {
    TRY(const auto bytes, source->read_exactly(at, std::min<std::uint64_t>(kCopyBytes, size - at)));
    TRY(target->write_at(at, bytes));
    at += bytes.size();
  }
  TRY(target->sync());
  return target->close();
}

}  // namespace

Result<core::raft::SnapshotMeta> write_image(Connection& reader, const std::string& path, const std::function<Status()>& between) {
  TRY(reader.copy_to(path, between));
  // Read from the copy: the reader may see a later state by now.
  TRY(auto copied, open_reader(path));
  return read_meta(copied);
}

Status check_image(const std::string& path) {
  TRY(auto db, open_reader(path));
  TRY(db.quick_check());
  TRY(const auto version, db.user_version());
  return version < kSchemaVersion ? core::ok_status() : check_rows(db);
}

Status restore_image(Env& env, const std::string& image, const std::string& live) {
  const auto incoming = live + ".incoming";
  TRY(copy(env, image, incoming));
  // The old database goes before its write-ahead log: without the one the other is ignored, but a
  // database that lost its log might look whole.
  TRY(discard(env, live));
  TRY(env.rename(incoming, live));
  return env.sync_directory(directory_of(live));
}

Status create_empty(Env& env, const std::string& live) {
  // A write-ahead log that was left alone would be taken for that of the new database.
  TRY(const bool orphaned, env.exists(live + "-wal"));
  if (orphaned) TRY(discard(env, live));
  const auto incoming = live + ".incoming";
  for (const auto* suffix : {"", "-journal", "-wal", "-shm"}) TRY(remove_if_there(env, incoming + suffix));
  {
    TRY(auto db, Connection::open(incoming, {.application_id = kApplicationId, .synced = false}));
    TRY(migrate(db));
  }
  {
    TRY(auto file, env.open(incoming, Open::write));
    TRY(file->sync());
  }
  return env.rename(incoming, live);
}

Status set_aside(Env& env, const std::string& live) {
  TRY(env.rename(live, live + ".damaged"));
  // Its write-ahead log holds a part of it, and must not meet the database that comes next.
  auto moved = env.rename(live + "-wal", live + ".damaged-wal");
  if (!moved.ok() && moved.error().code != Errc::not_found) return moved;
  TRY(remove_if_there(env, live + "-shm"));
  return env.sync_directory(directory_of(live));
}

Status discard(Env& env, const std::string& live) {
  TRY(remove_if_there(env, live));
  TRY(env.sync_directory(directory_of(live)));
  TRY(remove_if_there(env, live + "-wal"));
  TRY(remove_if_there(env, live + "-shm"));
  return env.sync_directory(directory_of(live));
}

}  // namespace store::state
