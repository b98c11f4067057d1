// SPDX-License-Identifier: MPL-2.0
#include "agent/server/restore.h"

#include <algorithm>

#include "core/base/id.h"
#include "core/base/rng.h"
#include "store/log/recovery.h"
#include "store/replace_file.h"
#include "store/state/image.h"

namespace agent::server {
namespace {

using core::Errc;
using core::Error;
using core::Result;

constexpr std::string_view kIdFile = "/server-id";

}  // namespace

Result<core::ServerId> read_id(store::Env& env, const std::string& directory) {
  const auto path = directory + std::string(kIdFile);
  TRY(auto file, env.open(path, store::Open::read));
  TRY(const auto size, file->size());
  TRY(auto text, file->read_exactly(0, size));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  if (!core::is_uuid(text)) return Error{Errc::corrupt, path + ": not a UUID: it names this server to its peers; restore it"};
  return core::ServerId{std::move(text)};
}

namespace {

// The id is on disk before anything else is, so that no log exists without one.
Result<core::ServerId> own_id(store::Env& env, const std::string& directory, core::Rng& rng) {
  const auto path = directory + std::string(kIdFile);
  TRY(const bool there, env.exists(path));
  if (there) return read_id(env, directory);
  core::ServerId id{core::make_uuid(rng)};
  TRY(store::replace_file(env, path, id.text + "\n"));
  return id;
}

// Does the state stand at a point of this log's history that is not before the snapshot? A power cut may
// set the database back behind a snapshot that was made durable, and Raft begins at the snapshot.
bool agrees(const store::state::StateMachine& machine, store::log::RaftLog& log,
            const std::optional<store::snapshot::Snapshot>& snapshot) {
  const auto meta = machine.meta();
  if (snapshot && meta.last.index < snapshot->meta.last.index) return false;
  if (meta.last.index < log.before_first().index || meta.last.index > log.last().index) return false;
  if (meta.last.index == log.before_first().index) return meta.digest == log.digest_before_first();
  const auto entries = log.read(meta.last.index, meta.last.index, 1);
  return entries.ok() && entries->front().id == meta.last && entries->front().digest == meta.digest;
}

// The state as it is, or built anew: from the snapshot, if there is one, and the log behind it.
Result<store::state::StateMachine> open_state(store::Env& env, const std::string& path, store::log::RaftLog& log,
                                              const std::optional<store::snapshot::Snapshot>& snapshot,
                                              const core::Logger& logger) {
  TRY(const bool there, env.exists(path));
  if (!there) TRY(store::state::create_empty(env, path));
  auto machine = store::state::StateMachine::open(path);
  if (machine.ok() && agrees(*machine, log, snapshot)) {
    if (machine->applied().index.value == 0 && log.last().index.value > 0)
      LOG(logger, info, "state database is built from the log", {"path", path}, {"entries", log.last().index.value});
    return machine;
  }
  if (!machine.ok() && machine.error().code != Errc::corrupt) return machine;
  const auto why = !machine.ok() ? machine.error().detail
                   : there       ? std::string("it is not of this log's history, or behind the newest snapshot")
                                 : std::string("there is none");
  LOG(logger, warn, "state database is rebuilt", {"path", path}, {"reason", why});
  machine = Error{};  // closes the file
  if (snapshot) TRY(store::state::restore_image(env, snapshot->path, path));
  else TRY(store::state::discard(env, path));
  auto rebuilt = store::state::StateMachine::open(path);
  if (rebuilt.ok() && !agrees(*rebuilt, log, snapshot))
    return Error{Errc::corrupt, path + ": cannot be rebuilt: the log begins behind entry " +
                                    std::to_string(log.before_first().index.value) + " and there is no snapshot of it"};
  return rebuilt;
}

// A log that came from elsewhere, or this server was removed from its cluster: it will never lead.
void check_membership(const store::log::Recovered& recovered, const std::optional<core::raft::SnapshotMeta>& snapshot, const core::ServerId& id,
                      const core::Logger& logger) {
  core::raft::Configuration newest;
  if (!recovered.configurations.empty()) newest = recovered.configurations.back().configuration;
  else if (snapshot) newest = snapshot->configuration;
  const auto& peers = newest.peers;
  const bool member = std::any_of(peers.begin(), peers.end(), [&](const auto& peer) { return peer.id == id; });
  if (!peers.empty() && !member) LOG(logger, warn, "this server is not a member of the cluster whose log it holds", {"server_id", id});
}

}  // namespace

Result<Restored> restore(store::Env& env, const std::string& directory, std::size_t tail_bytes, core::Rng& rng,
                         const core::Logger& logger, store::log::LogOptions log_options) {
  Restored out;
  TRY(env.make_directories(directory));
  TRY(out.lock, env.lock(directory + "/lock"));
  TRY(out.id, own_id(env, directory, rng));
  TRY(auto snapshots, store::snapshot::Snapshots::open(env, directory + "/snapshots", store::state::check_image));
  TRY(const auto snapshot, snapshots.newest_valid());
  for (const auto& sentence : snapshots.damaged()) LOG(logger, warn, "snapshot passed over", {"what", sentence});
  const auto meta = snapshot ? std::optional(snapshot->meta) : std::nullopt;
  TRY(auto recovered, store::log::recover(env, directory, meta, log_options));
  for (const auto& sentence : recovered.mended) LOG(logger, warn, "log mended", {"what", sentence});
  check_membership(recovered, meta, out.id, logger);
  out.fresh = recovered.log->last().index.value == 0 && !snapshot;
  out.state_path = directory + "/state.db";
  TRY(auto machine, open_state(env, out.state_path, *recovered.log, snapshot, logger));
  TRY(out.raft, store::log::restored(recovered, meta, machine.applied().index, tail_bytes));
  out.machine = std::make_unique<store::state::StateMachine>(std::move(machine));
  out.log = std::move(recovered.log);
  out.snapshots = std::make_unique<store::snapshot::Snapshots>(std::move(snapshots));
  return out;
}

}  // namespace agent::server
