// SPDX-License-Identifier: MPL-2.0
#include "store/client_state/client_db.h"

#include <utility>

#include "core/base/assert.h"
#include "core/base/integer.h"
#include "store/sqlite.h"

namespace store::client_state {
namespace {

constexpr std::int32_t kApplicationId = 0x4e4d434c;  // "NMCL"
constexpr std::string_view kNodeId = "node_id";
constexpr std::string_view kNodeSecret = "node_secret";
constexpr std::string_view kLastIndex = "last_index";

// Step n brings a file of version n to n + 1. Never edited once released: add another.
constexpr const char* kMigrations[] = {
    "CREATE TABLE kept (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE allocs (id TEXT PRIMARY KEY, doc TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE tasks (alloc_id TEXT NOT NULL, task TEXT NOT NULL, state TEXT NOT NULL DEFAULT '',"
    " handle TEXT NOT NULL DEFAULT '', PRIMARY KEY (alloc_id, task)) WITHOUT ROWID;",
};
constexpr std::int32_t kSchemaVersion = std::size(kMigrations);

Status migrate(Connection& db) {
  TRY(auto transaction, Transaction::begin(db, Transaction::Kind::write));
  TRY(const auto version, db.user_version());
  if (version > kSchemaVersion)
    return Error{Errc::unsupported, db.path() + ": schema version " + std::to_string(version) +
                                        " is newer than this build, which knows " +
                                        std::to_string(kSchemaVersion)};
  for (auto at = version; at < kSchemaVersion; ++at) TRY(db.execute(kMigrations[at]));
  if (version < kSchemaVersion) TRY(db.set_user_version(kSchemaVersion));
  return transaction.commit();
}

Result<Connection> open_checked(const std::string& path) {
  TRY(auto db, Connection::open(
                   path, {.application_id = kApplicationId, .sync_every_commit = true, .cache_kib = 512}));
  TRY(db.quick_check());
  TRY(migrate(db));
  return db;
}

// To the first free name; where it went.
Result<std::string> move_aside(Env& env, const std::string& directory, const std::string& path) {
  std::string aside;
  bool taken = true;
  for (int n = 1; taken; ++n) {
    aside = path + ".damaged-" + std::to_string(n);
    TRY(taken, env.exists(aside));
  }
  for (const auto* suffix : {"", "-wal", "-shm"}) {
    TRY(const bool there, env.exists(path + suffix));
    if (there) TRY(env.rename(path + suffix, aside + suffix));
  }
  TRY(env.sync_directory(directory));
  return aside;
}

}  // namespace

struct ClientDb::State {
  std::unique_ptr<Lock> lock;
  Connection db;
  std::optional<std::string> set_aside;

  template <class... Values>
  Status change(std::string_view sql, const Values&... values) {
    TRY(db.run(sql, values...));
    return core::ok_status();
  }
};

ClientDb::ClientDb(std::unique_ptr<State> state) : state_(std::move(state)) {}
ClientDb::ClientDb(ClientDb&&) noexcept = default;
ClientDb& ClientDb::operator=(ClientDb&&) noexcept = default;
ClientDb::~ClientDb() = default;

Result<ClientDb> ClientDb::open(Env& env, const std::string& directory) {
  const auto path = directory + "/state.db";
  TRY(env.make_directories(directory));
  TRY(auto lock, env.lock(directory + "/lock"));
  std::optional<std::string> set_aside;
  auto db = open_checked(path);
  if (!db.ok() && db.error().code == Errc::corrupt) {
    TRY(const auto aside, move_aside(env, directory, path));
    set_aside = "the client's state was damaged and is now " + aside + ": " + db.error().detail +
                "; tasks started before are not known any more";
    db = open_checked(path);
  }
  if (!db.ok()) return std::move(db).error();
  TRY(env.sync_directory(directory));
  return ClientDb(
      std::make_unique<State>(State{std::move(lock), std::move(db).value(), std::move(set_aside)}));
}

const std::optional<std::string>& ClientDb::set_aside() const { return state_->set_aside; }

Result<std::optional<std::string>> ClientDb::value(std::string_view key) {
  return state_->db.get_text("SELECT value FROM kept WHERE key = ?1", key);
}

Status ClientDb::put_value(std::string_view key, std::string_view text) {
  return state_->change("INSERT INTO kept (key, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = ?2",
                        key, text);
}

Status ClientDb::remove_value(std::string_view key) {
  return state_->change("DELETE FROM kept WHERE key = ?1", key);
}

Result<std::optional<Identity>> ClientDb::identity() {
  TRY(auto id, value(kNodeId));
  TRY(auto secret, value(kNodeSecret));
  if (!id || !secret) return std::optional<Identity>();
  return std::optional<Identity>(Identity{std::move(*id), std::move(*secret)});
}

Status ClientDb::put_identity(const Identity& identity) {
  return together([&]() -> Status {
    TRY(put_value(kNodeId, identity.node_id));
    return put_value(kNodeSecret, identity.secret);
  });
}

Result<std::uint64_t> ClientDb::last_index() {
  TRY(const auto text, value(kLastIndex));
  if (!text) return 0;
  if (const auto index = core::parse_integer<std::uint64_t>(*text)) return *index;
  return Error{Errc::corrupt, state_->db.path() + ": last_index is no number"};
}

Status ClientDb::put_last_index(std::uint64_t index) {
  TRY(const auto before, last_index());
  if (index < before)
    return Error{Errc::conflict, "index " + std::to_string(index) + " is older than " +
                                     std::to_string(before) + ", which was acted on already"};
  return index == before ? core::ok_status() : put_value(kLastIndex, std::to_string(index));
}

Result<std::vector<StoredAlloc>> ClientDb::allocs() {
  TRY(auto query, state_->db.query("SELECT id, doc FROM allocs ORDER BY id"));
  std::vector<StoredAlloc> out;
  for (;;) {
    TRY(const bool row, query.step());
    if (!row) return out;
    out.push_back({std::string(query.text(0)), std::string(query.text(1))});
  }
}

Status ClientDb::put_alloc(std::string_view id, std::string_view doc) {
  return state_->change("INSERT INTO allocs (id, doc) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET doc = ?2", id,
                        doc);
}

Status ClientDb::remove_alloc(std::string_view id) {
  return together([&]() -> Status {
    TRY(state_->change("DELETE FROM tasks WHERE alloc_id = ?1", id));
    return state_->change("DELETE FROM allocs WHERE id = ?1", id);
  });
}

Result<std::vector<StoredTask>> ClientDb::tasks() {
  TRY(auto query,
      state_->db.query("SELECT alloc_id, task, state, handle FROM tasks ORDER BY alloc_id, task"));
  std::vector<StoredTask> out;
  for (;;) {
    TRY(const bool row, query.step());
    if (!row) return out;
    out.push_back({std::string(query.text(0)), std::string(query.text(1)), std::string(query.text(2)),
                   std::string(query.text(3))});
  }
}

Status ClientDb::put_task_state(std::string_view alloc_id, std::string_view task, std::string_view state) {
  return state_->change(
      "INSERT INTO tasks (alloc_id, task, state) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET state = ?3",
      alloc_id, task, state);
}

Status ClientDb::put_task_handle(std::string_view alloc_id, std::string_view task, std::string_view handle) {
  return state_->change(
      "INSERT INTO tasks (alloc_id, task, handle) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET handle = ?3",
      alloc_id, task, handle);
}

Status ClientDb::together(const std::function<Status()>& puts) {
  if (state_->db.in_transaction()) return puts();  // part of a larger whole
  TRY(auto transaction, Transaction::begin(state_->db, Transaction::Kind::write));
  TRY(puts());
  return transaction.commit();
}

}  // namespace store::client_state
