// SPDX-License-Identifier: MPL-2.0
#include "store/sqlite.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

#include <bit>
#include <cerrno>
#include <limits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/base/assert.h"

namespace store {

using core::ByteView;
using core::Errc;
using core::Error;
using core::Result;
using core::Status;

namespace {

// Statement texts are literals of ours, so a connection never holds many; this bounds a mistake.
constexpr std::size_t kStatementsKept = 512;
constexpr std::size_t kSqlShown = 120;
// Of SQLite's virtual machine: some 60 rows that are copied as they are.
constexpr int kInstructionsBetween = 256;

Errc code_of(int result, int system_error) {
  switch (result & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
      return Errc::corrupt;
    case SQLITE_FULL:
      return Errc::no_space;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Errc::busy;
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
      return Errc::permission;
    case SQLITE_CONSTRAINT:
      return Errc::conflict;
    case SQLITE_TOOBIG:
      return Errc::too_large;
    case SQLITE_CANTOPEN:
      if (system_error == ENOENT) return Errc::not_found;
      return system_error == EACCES ? Errc::permission : Errc::io;
    case SQLITE_IOERR:
      return system_error == ENOSPC || system_error == EDQUOT ? Errc::no_space : Errc::io;
    case SQLITE_ERROR:
      return Errc::invalid;
    default:
      return Errc::io;
  }
}

Error error_of(sqlite3* db, int result, const std::string& path, std::string_view sql) {
  std::string detail = path + ": " + sqlite3_errmsg(db);
  if (!sql.empty()) {
    detail.append(" (in: ").append(sql.substr(0, kSqlShown)).append(sql.size() > kSqlShown ? "...)" : ")");
  }
  return Error{code_of(result, sqlite3_system_errno(db)), std::move(detail)};
}

int flags_of(Access access) {
  switch (access) {
    case Access::read_only:
      return SQLite::OPEN_READONLY | SQLite::OPEN_NOMUTEX;
    case Access::read_write:
      return SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX;
    case Access::create:
      return SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_NOMUTEX;
  }
  UNREACHABLE();
}

Value value_of(sqlite3_value* given) {
  const auto bytes = [&](const void* at) { return at == nullptr ? ByteView() : ByteView(static_cast<const char*>(at), static_cast<std::size_t>(sqlite3_value_bytes(given))); };
  switch (sqlite3_value_type(given)) {
    case SQLITE_INTEGER: return {.kind = ColumnKind::integer, .integer = sqlite3_value_int64(given)};
    case SQLITE_FLOAT: return {.kind = ColumnKind::real, .integer = std::bit_cast<std::int64_t>(sqlite3_value_double(given))};
    case SQLITE_NULL: return {};
    case SQLITE_TEXT: return {.kind = ColumnKind::text, .bytes = bytes(sqlite3_value_text(given))};
    default: return {.kind = ColumnKind::blob, .bytes = bytes(sqlite3_value_blob(given))};
  }
}

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

}  // namespace

struct Query::Slot {
  Connection::State* owner;
  sqlite3_stmt* statement;
  bool kept;
  bool in_use = true;
};

struct Connection::State {
  SQLite::Database db;
  std::string path;
  std::unordered_map<std::string, std::unique_ptr<Query::Slot>, TextHash, std::equal_to<>> kept;
  std::size_t queries_alive = 0;

  State(SQLite::Database opened, std::string where) : db(std::move(opened)), path(std::move(where)) {}
  ~State() {
    ASSERT(queries_alive == 0);
    for (auto& [sql, slot] : kept) sqlite3_finalize(slot->statement);
  }

  sqlite3* handle() const { return db.getHandle(); }
  Error error(int result, std::string_view sql) const { return error_of(handle(), result, path, sql); }

  Result<sqlite3_stmt*> compile(std::string_view sql, bool persistent) {
    sqlite3_stmt* statement = nullptr;
    const char* rest = nullptr;
    const int result = sqlite3_prepare_v3(handle(), sql.data(), static_cast<int>(sql.size()),
                                          persistent ? SQLITE_PREPARE_PERSISTENT : 0, &statement, &rest);
    if (result != SQLITE_OK) return error(result, sql);
    ASSERT(statement != nullptr);  // an empty statement is a mistake of ours
    return statement;
  }
};

// ---- Query ---------------------------------------------------------------------------------------

Query::Query(Query&& other) noexcept : slot_(std::exchange(other.slot_, nullptr)) {}

Query::~Query() {
  if (slot_ == nullptr) return;
  --slot_->owner->queries_alive;
  if (!slot_->kept) {
    sqlite3_finalize(slot_->statement);
    delete slot_;
    return;
  }
  sqlite3_reset(slot_->statement);
  sqlite3_clear_bindings(slot_->statement);
  slot_->in_use = false;
}

struct BoundAccess {
  static int bind(sqlite3_stmt* statement, int position, const Bound& v, sqlite3_destructor_type lifetime) {
    switch (v.kind_) {
      case Bound::Kind::null:
        return sqlite3_bind_null(statement, position);
      case Bound::Kind::integer:
        return sqlite3_bind_int64(statement, position, v.integer_);
      case Bound::Kind::real:
        return sqlite3_bind_double(statement, position, v.real_);
      case Bound::Kind::text:
        return sqlite3_bind_text64(statement, position, data(v), v.bytes_.size(), lifetime, SQLITE_UTF8);
      case Bound::Kind::blob:
        return sqlite3_bind_blob64(statement, position, data(v), v.bytes_.size(), lifetime);
    }
    UNREACHABLE();
  }
  // SQLite reads a null pointer as NULL; an empty string is not NULL.
  static const char* data(const Bound& v) { return v.bytes_.data() == nullptr ? "" : v.bytes_.data(); }
};

Value Bound::value() const {
  if (kind_ == ColumnKind::real) return {.kind = kind_, .integer = std::bit_cast<std::int64_t>(real_)};
  if (kind_ == ColumnKind::integer) return {.kind = kind_, .integer = integer_};
  return {.kind = kind_, .bytes = kind_ == ColumnKind::null ? ByteView() : bytes_};
}

Query& Query::bind(int position, const Bound& value) {
  const int result = BoundAccess::bind(slot_->statement, position, value, SQLITE_TRANSIENT);
  ASSERT(result == SQLITE_OK);  // a wrong position, or stepped before: a mistake of ours
  return *this;
}

void Query::bind_borrowed(int position, const Bound& value) {
  const int result = BoundAccess::bind(slot_->statement, position, value, SQLITE_STATIC);
  ASSERT(result == SQLITE_OK);
}

Result<bool> Query::step() {
  const int result = sqlite3_step(slot_->statement);
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  return slot_->owner->error(result, sqlite3_sql(slot_->statement));
}

Result<std::int64_t> Query::run() {
  for (;;) {
    TRY(const bool row, step());
    if (!row) return static_cast<std::int64_t>(sqlite3_changes64(slot_->owner->handle()));
  }
}

void Query::reset() { sqlite3_reset(slot_->statement); }

int Query::columns() const { return sqlite3_column_count(slot_->statement); }

ColumnKind Query::kind(int column) const {
  switch (sqlite3_column_type(slot_->statement, column)) {
    case SQLITE_INTEGER:
      return ColumnKind::integer;
    case SQLITE_FLOAT:
      return ColumnKind::real;
    case SQLITE_TEXT:
      return ColumnKind::text;
    case SQLITE_BLOB:
      return ColumnKind::blob;
    default:
      return ColumnKind::null;
  }
}

std::int64_t Query::integer(int column) const { return sqlite3_column_int64(slot_->statement, column); }
double Query::real(int column) const { return sqlite3_column_double(slot_->statement, column); }

std::string_view Query::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(slot_->statement, column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(slot_->statement, column))};
}

ByteView Query::blob(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(slot_->statement, column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(slot_->statement, column))};
}

Value Query::value(int column) const {
  // Looked up once: each sqlite3_column_...() does so anew. To look into the value is safe, as a connection is one
  // thread's.
  return value_of(sqlite3_column_value(slot_->statement, column));
}

const std::string& Query::path() const { return slot_->owner->path; }

std::string_view Query::name(int column) const { return sqlite3_column_name(slot_->statement, column); }

// ---- Connection ----------------------------------------------------------------------------------

namespace {

Result<SQLite::Database> open_database(const std::string& path, const SqliteOptions& options) {
  const auto busy = std::chrono::duration_cast<std::chrono::milliseconds>(options.busy_timeout).count();
  try {
    return SQLite::Database(path, flags_of(options.access), static_cast<int>(busy));
  } catch (const SQLite::Exception& e) {
    const bool missing = options.access != Access::create && e.getErrorCode() == SQLITE_CANTOPEN;
    return Error{code_of(e.getErrorCode(), missing ? errno : 0), path + ": " + e.what()};
  }
}

Status set_journal(Connection& db, const SqliteOptions& options) {
  if (options.access == Access::read_only) return core::ok_status();
  TRY(const auto mode,
      db.get_text(options.wal ? "PRAGMA journal_mode = WAL" : "PRAGMA journal_mode = DELETE"));
  const std::string_view wanted = options.wal ? "wal" : "delete";
  if (mode != wanted && mode != "memory")  // ":memory:" knows no other
    return Error{Errc::io, db.path() + ": the journal stays " + mode.value_or("unknown")};
  const bool normal = options.wal && !options.sync_every_commit;
  if (options.synced) TRY(db.execute(normal ? "PRAGMA synchronous = NORMAL" : "PRAGMA synchronous = FULL"));
  TRY(db.execute("PRAGMA wal_autocheckpoint = " + std::to_string(options.checkpoint_pages)));
  // After a burst the log file is cut back to this when it is next reused.
  return db.execute("PRAGMA journal_size_limit = 67108864");
}

Status check_application(Connection& db, const SqliteOptions& options) {
  TRY(const auto pages, db.get_integer("PRAGMA page_count"));
  if (pages == 0 && options.access != Access::read_only)
    return db.execute("PRAGMA application_id = " + std::to_string(options.application_id));
  TRY(const auto found, db.get_integer("PRAGMA application_id"));
  if (found == options.application_id) return core::ok_status();
  return Error{Errc::corrupt, db.path() + ": not a database of this kind: its application id is " +
                                  std::to_string(found.value_or(0)) + ", not " +
                                  std::to_string(options.application_id)};
}

}  // namespace

Connection::Connection(std::unique_ptr<State> state) : state_(std::move(state)) {}
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;
Connection::~Connection() = default;

Result<Connection> Connection::open(const std::string& path, const SqliteOptions& options) {
  // SQLite counts what it allocates under one lock for all threads; nobody asks. Too late once it is in use.
  [[maybe_unused]] static const int uncounted = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  TRY(auto opened, open_database(path, options));
  Connection db(std::make_unique<State>(std::move(opened), path));
  sqlite3_extended_result_codes(db.state_->handle(), 1);
  TRY(db.execute("PRAGMA cache_size = -" + std::to_string(options.cache_kib)));
  // No temporary files next to ours, no functions with side effects from a file's own schema, and a
  // damaged page is an error when it is met.
  TRY(db.execute("PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON"));
  if (!options.synced) TRY(db.execute("PRAGMA synchronous = OFF"));
  if (options.application_id != 0) TRY(check_application(db, options));
  TRY(set_journal(db, options));
  TRY(db.get_integer("SELECT count(*) FROM sqlite_schema"));  // the first read: is it a database at all?
  return db;
}

Result<Connection> Connection::from_bytes(ByteView bytes, const SqliteOptions& options) {
  // The header says that there is a write-ahead log (format 2) or none (1); in memory there is none.
  constexpr std::size_t kHeaderBytes = 100, kWriteFormat = 18, kReadFormat = 19;
  if (bytes.size() < kHeaderBytes) return Error{Errc::corrupt, "too short for a database"};
  TRY(auto db, open(":memory:", {.cache_kib = options.cache_kib}));
  auto* const copy = static_cast<unsigned char*>(sqlite3_malloc64(bytes.size()));
  if (copy == nullptr) return Error{Errc::too_large, "no memory for a database of " + std::to_string(bytes.size()) + " bytes"};
  bytes.copy(reinterpret_cast<char*>(copy), bytes.size());
  copy[kWriteFormat] = copy[kReadFormat] = 1;
  const auto size = static_cast<sqlite3_int64>(bytes.size());
  const unsigned flags = SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE;  // frees it on failure too
  auto* const handle = db.state_->handle();
  if (const int result = sqlite3_deserialize(handle, "main", copy, size, size, flags); result != SQLITE_OK)
    return db.state_->error(result, "deserialize");
  sqlite3_int64 unlimited = std::numeric_limits<sqlite3_int64>::max();
  sqlite3_file_control(handle, "main", SQLITE_FCNTL_SIZE_LIMIT, &unlimited);
  if (options.application_id != 0) TRY(check_application(db, options));
  TRY(db.get_integer("SELECT count(*) FROM sqlite_schema"));
  return db;
}

Status Connection::execute(const std::string& sql) {
  const int result = sqlite3_exec(state_->handle(), sql.c_str(), nullptr, nullptr, nullptr);
  if (result == SQLITE_OK) return core::ok_status();
  return state_->error(result, sql);
}

Result<Query> Connection::prepare(std::string_view sql) {
  const auto found = state_->kept.find(sql);
  if (found != state_->kept.end() && !found->second->in_use) {
    found->second->in_use = true;
    ++state_->queries_alive;
    return Query(found->second.get());
  }
  const bool keep = found == state_->kept.end() && state_->kept.size() < kStatementsKept;
  TRY(auto* const statement, state_->compile(sql, keep));
  auto slot = std::make_unique<Query::Slot>(Query::Slot{state_.get(), statement, keep});
  ++state_->queries_alive;
  if (!keep) return Query(slot.release());
  const auto [at, added] = state_->kept.emplace(sql, std::move(slot));
  ASSERT(added);
  return Query(at->second.get());
}

namespace {

using Function = std::function<std::int64_t(std::span<const Value>)>;

void call(sqlite3_context* context, int count, sqlite3_value** given) {
  std::vector<Value> values;
  values.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) values.push_back(value_of(given[i]));
  sqlite3_result_int64(context, (*static_cast<Function*>(sqlite3_user_data(context)))(values));
}

}  // namespace

void Connection::define(const std::string& name, Function function) {
  const int result = sqlite3_create_function_v2(state_->handle(), name.c_str(), -1, SQLITE_UTF8 | SQLITE_DIRECTONLY,
                                                new Function(std::move(function)), call, nullptr, nullptr,
                                                [](void* done) { delete static_cast<Function*>(done); });
  ASSERT(result == SQLITE_OK);
}

Result<std::int32_t> Connection::user_version() {
  TRY(const auto version, get_integer("PRAGMA user_version"));
  return static_cast<std::int32_t>(version.value_or(0));
}

Status Connection::set_user_version(std::int32_t version) {
  return execute("PRAGMA user_version = " + std::to_string(version));
}

Result<Query> Connection::query_all(std::string_view sql, std::span<const Bound> values) {
  TRY(auto q, prepare(sql));
  int position = 0;
  for (const auto& value : values) q.bind(++position, value);
  return q;
}

Result<std::int64_t> Connection::run_all(std::string_view sql, std::span<const Bound> values) {
  TRY(auto q, prepare(sql));
  int position = 0;
  for (const auto& value : values) q.bind_borrowed(++position, value);
  return q.run();
}

std::int64_t Connection::last_insert_rowid() const { return sqlite3_last_insert_rowid(state_->handle()); }
bool Connection::in_transaction() const { return sqlite3_get_autocommit(state_->handle()) == 0; }
const std::string& Connection::path() const { return state_->path; }

Status Connection::checkpoint() {
  const int result =
      sqlite3_wal_checkpoint_v2(state_->handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  if (result == SQLITE_OK || (result & 0xff) == SQLITE_BUSY) return core::ok_status();
  return state_->error(result, "checkpoint");
}

namespace {

struct Between {
  const std::function<Status()>& ask;
  Status answer = core::ok_status();

  bool over() {
    answer = ask();
    return !answer.ok();
  }
};

}  // namespace

Status Connection::copy_to(const std::string& path, const std::function<Status()>& between) {
  ASSERT(!in_transaction());
  Between told{between};
  if (between) {
    sqlite3_progress_handler(
        state_->handle(), kInstructionsBetween, [](void* it) noexcept { return static_cast<Between*>(it)->over() ? 1 : 0; }, &told);
  }
  const auto copied = run("VACUUM INTO ?1", path);
  sqlite3_progress_handler(state_->handle(), 0, nullptr, nullptr);
  TRY(told.answer);
  TRY(copied);
  return core::ok_status();
}

Status Connection::copy_from(const std::string& path) {
  TRY(auto source, open(path, {.access = Access::read_only}));
  return copy_from(source);
}

Status Connection::copy_from(Connection& source) {
  ASSERT(!in_transaction());
  auto* into = state_->handle();
  auto* copying = sqlite3_backup_init(into, "main", source.state_->handle(), "main");
  if (copying == nullptr) return state_->error(sqlite3_errcode(into), "copy from " + source.path());
  sqlite3_backup_step(copying, -1);
  const int result = sqlite3_backup_finish(copying);
  return result == SQLITE_OK ? core::ok_status() : Status(state_->error(result, "copy from " + source.path()));
}

Status Connection::quick_check() {
  TRY(const auto verdict, get_text("PRAGMA quick_check(1)"));
  if (verdict == "ok") return core::ok_status();
  return Error{Errc::corrupt, path() + ": " + verdict.value_or("no verdict")};
}

// ---- Transaction ---------------------------------------------------------------------------------

Result<Transaction> Transaction::begin(Connection& connection, Kind kind) {
  if (kind == Kind::read && connection.in_transaction()) return Transaction();
  TRY(connection.run(kind == Kind::write ? "BEGIN IMMEDIATE" : "BEGIN DEFERRED"));
  return Transaction(connection);
}

Transaction::Transaction(Transaction&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr)) {}

Transaction::~Transaction() { rollback(); }

Status Transaction::commit() {
  ASSERT(connection_ != nullptr);
  auto done = connection_->run("COMMIT");
  if (!done.ok()) {
    rollback();
    return std::move(done).error();
  }
  connection_ = nullptr;
  return core::ok_status();
}

void Transaction::rollback() {
  auto* const connection = std::exchange(connection_, nullptr);
  // Some failures (disk full, I/O) have rolled back already.
  if (connection == nullptr || !connection->in_transaction()) return;
  // ROLLBACK can only fail where SQLite rolls back by itself on the next use of the file.
  static_cast<void>(connection->run("ROLLBACK"));
}

}  // namespace store
