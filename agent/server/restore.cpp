// SPDX-License-Identifier: MPL-2.0
#include "agent/server/restore.h"

#include <algorithm>

#include "core/base/id.h"
#include "core/base/limits.h"
#include "core/base/rng.h"
#include "store/by_two.h"
#include "store/log/recovery.h"
#include "store/replace_file.h"
#include "store/state/image.h"

namespace agent::server {
namespace {

using core::Errc;
using core::Error;
using core::Result;
using store::state::StateMachine;

constexpr std::string_view kIdFile = "/server-id";
// A state database of this size takes 0.2 s to open: worth a thread that looks at log and snapshots meanwhile.
constexpr std::uint64_t kLargeState = 64 * core::limits::kMiB;

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
bool agrees(const StateMachine& machine, store::log::RaftLog& log,
            const std::optional<store::snapshot::Snapshot>& snapshot) {
  const auto meta = machine.meta();
  if (snapshot && meta.last.index < snapshot->meta.last.index) return false;
  if (meta.last.index < log.before_first().index || meta.last.index > log.last().index) return false;
  if (meta.last.index == log.before_first().index) return meta.digest == log.digest_before_first();
  const auto entries = log.read(meta.last.index, meta.last.index, 1);
  return entries.ok() && entries->front().id == meta.last && entries->front().digest == meta.digest;
}

// What came before: the newest snapshot that is whole, and the log behind it.
struct Past {
  std::optional<store::snapshot::Snapshot> snapshot;
  store::log::Recovered recovered;

  std::optional<core::raft::SnapshotMeta> meta() const { return snapshot ? std::optional(snapshot->meta) : std::nullopt; }
};

Result<Past> read_past(store::Env& env, const std::string& directory, store::snapshot::Snapshots& snapshots,
                       store::log::LogOptions options) {
  Past out;
  TRY(out.snapshot, snapshots.newest_valid());
  TRY(out.recovered, store::log::recover(env, directory, out.meta(), options));
  return out;
}

Result<bool> is_large(store::Env& env, const std::string& path) {
  TRY(const bool there, env.exists(path));
  if (!there) return false;
  TRY(const auto file, env.open(path, store::Open::read));
  TRY(const auto size, file->size());
  return size >= kLargeState;
}

// Of the log and snapshots in `directory`, and the state database at `path`. Neither looks at the other yet: of a
// large state they are read side by side.
struct Read {
  Result<Past> past;
  Result<StateMachine> state;
};

Result<Read> read(store::Env& env, const std::string& directory, const std::string& path, store::snapshot::Snapshots& snapshots,
                  store::log::LogOptions options) {
  Read out{Error{}, Error{}};
  const auto past = [&] { out.past = read_past(env, directory, snapshots, options); };
  const auto state = [&] { out.state = StateMachine::open(path); };
  TRY(const bool large, is_large(env, path));
  if (large) {
    store::by_two(state, past);
    return out;
  }
  past();
  if (!out.past.ok()) return out;
  TRY(const bool there, env.exists(path));
  if (!there) TRY(store::state::create_empty(env, path));
  state();
  return out;
}

// The state that was read, or one built anew: from the snapshot, if there is one, and the log behind it.
Result<StateMachine> agreeing(Result<StateMachine> machine, const Past& past, store::Env& env, const std::string& path,
                              const core::Logger& logger) {
  auto& log = *past.recovered.log;
  if (machine.ok() && agrees(*machine, log, past.snapshot)) {
    if (machine->applied().index.value == 0 && log.last().index.value > 0)
      LOG(logger, info, "state database is built from the log", {"path", path}, {"entries", log.last().index.value});
    return machine;
  }
  if (!machine.ok() && machine.error().code != Errc::corrupt) return machine;
  const auto why = !machine.ok()                          ? machine.error().detail
                   : machine->applied().index.value == 0 ? std::string("it is empty")
                                                         : std::string("it is not of this log's history, or behind the newest snapshot");
  LOG(logger, warn, "state database is rebuilt", {"path", path}, {"reason", why});
  machine = Error{};  // closes the file
  if (past.snapshot) TRY(store::state::restore_image(env, past.snapshot->path, path));
  else TRY(store::state::discard(env, path));
  auto rebuilt = StateMachine::open(path);
  if (rebuilt.ok() && !agrees(*rebuilt, log, past.snapshot))
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
  out.state_path = directory + "/state.db";
  TRY(auto found, read(env, directory, out.state_path, snapshots, log_options));
  for (const auto& sentence : snapshots.damaged()) LOG(logger, warn, "snapshot passed over", {"what", sentence});
  TRY(auto past, std::move(found.past));
  for (const auto& sentence : past.recovered.mended) LOG(logger, warn, "log mended", {"what", sentence});
  check_membership(past.recovered, past.meta(), out.id, logger);
  out.fresh = past.recovered.log->last().index.value == 0 && !past.snapshot;
  TRY(auto machine, agreeing(std::move(found.state), past, env, out.state_path, logger));
  TRY(out.raft, store::log::restored(past.recovered, past.meta(), machine.applied().index, tail_bytes));
  out.machine = std::make_unique<StateMachine>(std::move(machine));
  out.log = std::move(past.recovered.log);
  out.snapshots = std::make_unique<store::snapshot::Snapshots>(std::move(snapshots));
  return out;
}

}  // namespace agent::server
