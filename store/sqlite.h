// SPDX-License-Identifier: MPL-2.0
// A SQLite connection, prepared statements kept for reuse, and transactions, with errors as values.
//
//   TRY(db.run("INSERT INTO nodes (id, status) VALUES (?1, ?2)", id, "ready"));
//   TRY(auto query, db.query("SELECT id, status FROM nodes WHERE status = ?1", "ready"));
//   for (;;) {
//     TRY(const bool row, query.step());
//     if (!row) break;
//     use(query.text(0), query.text(1));
//   }
//
// SQLiteCpp opens and closes; its exceptions end in sqlite.cpp. Statements talk to SQLite directly,
// because text columns are to be looked at in place, not copied. One thread a connection.
//
// Codes: corrupt (damaged, or no database), no_space, io, busy (locked by another past the busy
// timeout), permission, conflict (a constraint), too_large, invalid (wrong SQL). The detail names the
// file and the statement, never a bound value.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/base/time.h"

namespace store {

enum class ColumnKind : std::uint8_t { null, integer, real, text, blob };

// What a column holds, or a statement is given. Text and blobs are borrowed.
struct Value {
  ColumnKind kind = ColumnKind::null;
  std::int64_t integer = 0;  // or the bits of a real number
  core::ByteView bytes{};  // of text or a blob
};

// A value to bind: null, a number, text, or a blob (which must be asked for).
class Bound {
 public:
  Bound(std::nullptr_t) : kind_(Kind::null) {}
  Bound(std::nullopt_t) : kind_(Kind::null) {}
  template <std::integral T>
  Bound(T v) : kind_(Kind::integer), integer_(static_cast<std::int64_t>(v)) {}
  template <std::floating_point T>
  Bound(T v) : kind_(Kind::real), real_(v) {}
  Bound(std::string_view v) : kind_(Kind::text), bytes_(v) {}
  Bound(const std::string& v) : kind_(Kind::text), bytes_(v) {}
  Bound(const char* v) : kind_(Kind::text), bytes_(v) {}
  template <class T>
  Bound(const std::optional<T>& v) : Bound(v ? Bound(*v) : Bound(nullptr)) {}
  static Bound blob(core::ByteView v) {
    Bound bound(v);
    bound.kind_ = Kind::blob;
    return bound;
  }
  Value value() const;

 private:
  friend struct BoundAccess;
  using Kind = ColumnKind;
  Kind kind_;
  union {
    std::int64_t integer_;
    double real_;
    std::string_view bytes_;
  };
};

// One use of a prepared statement. When destroyed it goes back to its connection, reset and unbound;
// the connection must outlive it. Columns count from 0; text and blobs are borrowed until the next
// step.
class Query {
 public:
  Query(Query&& other) noexcept;
  Query& operator=(Query&&) = delete;
  ~Query();

  // Binds ?<position>, counted from 1, to a copy of the value.
  // REQUIRES: the statement has that parameter and was not stepped since it was made or reset.
  Query& bind(int position, const Bound& value);
  // True: there is a row. False: done.
  core::Result<bool> step();
  // Steps through to the end; rows are dropped. The number of rows changed.
  core::Result<std::int64_t> run();
  // Back to before the first step; bindings stay.
  void reset();

  int columns() const;
  ColumnKind kind(int column) const;
  bool is_null(int column) const { return kind(column) == ColumnKind::null; }
  std::int64_t integer(int column) const;  // 0 for NULL
  std::uint64_t unsigned_integer(int column) const { return static_cast<std::uint64_t>(integer(column)); }
  double real(int column) const;            // 0 for NULL
  std::string_view text(int column) const;  // empty for NULL; numbers as SQLite prints them
  core::ByteView blob(int column) const;    // empty for NULL
  Value value(int column) const;
  std::string_view name(int column) const;
  const std::string& path() const;  // of the database

 private:
  friend class Connection;
  struct Slot;
  explicit Query(Slot* slot) : slot_(slot) {}
  void bind_borrowed(int position, const Bound& value);

  Slot* slot_;  // null once moved from
};

enum class Access {
  read_only,   // must exist
  read_write,  // must exist
  create,      // made if missing
};

struct SqliteOptions {
  Access access = Access::create;
  // Written into a new file and checked in an old one. 0: neither.
  std::int32_t application_id = 0;
  core::Duration busy_timeout = std::chrono::seconds(5);
  // Write-ahead log with synchronous=NORMAL: a power cut may lose the latest transactions, never
  // damage the file. Off: a rollback journal with synchronous=FULL.
  bool wal = true;
  // Every commit is durable before it returns (synchronous=FULL).
  bool sync_every_commit = false;
  std::size_t cache_kib = 8 * 1024;
  // How far the write-ahead log grows before a commit moves it into the file, which takes two syncs.
  std::size_t checkpoint_pages = 1000;
  // Off: nothing is ever synced. For a file that is synced and renamed once it is complete.
  bool synced = true;
};

class Connection {
 public:
  // Checks that the file is a database, and of ours if an application id is given.
  static core::Result<Connection> open(const std::string& path, const SqliteOptions& options);
  // The same of a database in memory that begins as a copy of these bytes of one.
  static core::Result<Connection> from_bytes(core::ByteView bytes, const SqliteOptions& options);
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;
  ~Connection();  // REQUIRES: no Query of it lives

  // One or more statements without parameters, not kept: schema, pragmas.
  core::Status execute(const std::string& sql);

  // A statement ready to step, prepared once and kept under its text. Two uses of the same text may
  // overlap; the second is then prepared anew and not kept.
  template <class... Values>
  core::Result<Query> query(std::string_view sql, const Values&... values) {
    TRY(auto q, prepare(sql));
    int position = 0;
    (q.bind(++position, Bound(values)), ...);
    return q;
  }
  // Runs it to the end. The number of rows changed. Values are looked at in place, not copied.
  template <class... Values>
  core::Result<std::int64_t> run(std::string_view sql, const Values&... values) {
    TRY(auto q, prepare(sql));
    int position = 0;
    (q.bind_borrowed(++position, Bound(values)), ...);
    return q.run();
  }
  // The same with as many values as there are.
  core::Result<Query> query_all(std::string_view sql, std::span<const Bound> values);
  core::Result<std::int64_t> run_all(std::string_view sql, std::span<const Bound> values);
  // The first column of the first row, or nothing if there is no row.
  template <class... Values>
  core::Result<std::optional<std::int64_t>> get_integer(std::string_view sql, const Values&... values) {
    TRY(auto q, query(sql, values...));
    TRY(const bool row, q.step());
    if (!row) return std::optional<std::int64_t>();
    return std::optional<std::int64_t>(q.integer(0));
  }
  template <class... Values>
  core::Result<std::optional<std::string>> get_text(std::string_view sql, const Values&... values) {
    TRY(auto q, query(sql, values...));
    TRY(const bool row, q.step());
    if (!row) return std::optional<std::string>();
    return std::optional<std::string>(q.text(0));
  }

  // Lets statements of this connection call `name(...)`, with any number of values.
  void define(const std::string& name, std::function<std::int64_t(std::span<const Value>)> function);

  core::Result<std::int32_t> user_version();
  core::Status set_user_version(std::int32_t version);
  std::int64_t last_insert_rowid() const;
  bool in_transaction() const;

  // Moves the write-ahead log into the database file; waits for nobody, so part of it may stay.
  core::Status checkpoint();
  // A complete, compact copy as of now, as a new file that must not exist. Writers on other
  // connections go on meanwhile. Not all of the copy is synced. `between` is called every few dozen
  // rows; its error ends the copy and is the answer. REQUIRES: not in a transaction.
  core::Status copy_to(const std::string& path, const std::function<core::Status()>& between = nullptr);
  // Becomes a copy of the database at `path`, in one transaction: other connections read the old one until
  // then, and a crash leaves the old or the new. REQUIRES: not in a transaction.
  core::Status copy_from(const std::string& path);
  core::Status copy_from(Connection& source);
  // SQLite's own check of structure and indexes; Errc::corrupt says what it found.
  core::Status quick_check();

  const std::string& path() const;

 private:
  friend class Query;
  struct State;
  explicit Connection(std::unique_ptr<State> state);
  core::Result<Query> prepare(std::string_view sql);

  std::unique_ptr<State> state_;
};

// BEGIN ... COMMIT. Rolled back when destroyed without commit. Queries that read inside it must be
// gone (or reset) before commit.
class Transaction {
 public:
  enum class Kind {
    read,   // one consistent view from the first read on; within a transaction, that one's
    write,  // takes the write lock at once, so that it cannot fail half-way as busy
  };
  static core::Result<Transaction> begin(Connection& connection, Kind kind);
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  // After a failure the transaction is rolled back. REQUIRES: it is a write, and not over.
  core::Status commit();
  void rollback();

 private:
  Transaction() = default;
  explicit Transaction(Connection& connection) : connection_(&connection) {}
  Connection* connection_ = nullptr;  // null once over, and where another transaction goes on
};

}  // namespace store
