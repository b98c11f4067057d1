// SPDX-License-Identifier: MPL-2.0
#include "store/state/row_digest.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "core/base/assert.h"
#include "core/base/bytes.h"
#include "core/base/digest.h"

namespace store::state {
namespace {

using core::Errc;
using core::Error;

constexpr std::size_t kKeyShown = 80;

// What a digest is of stands here unless a row is larger: rows are many, and heaps slow.
constexpr std::size_t kRoomBytes = 2048;
static_assert(std::endian::native == std::endian::little, "digests are of little-endian numbers, copied as they are");

bool is_number(const Value& value) { return value.kind == ColumnKind::integer || value.kind == ColumnKind::real; }

std::size_t bytes_at_most(const RowKind& kind, std::span<const Value> values) {
  auto most = sizeof(std::uint32_t) + kind.name.size();
  for (const auto& value : values) most += 1 + (is_number(value) ? sizeof value.integer : sizeof(std::uint32_t) + value.bytes.size());
  return most;
}

template <class T>
char* put(char* to, T number) {
  std::memcpy(to, &number, sizeof number);
  return to + sizeof number;
}
char* put_text(char* to, std::string_view text) {
  ASSERT(text.size() <= std::numeric_limits<std::uint32_t>::max());
  to = put(to, static_cast<std::uint32_t>(text.size()));
  return to + text.copy(to, text.size());
}

template <class Each>
void for_each_column(std::string_view columns, Each&& each) {
  for (;;) {
    const auto comma = columns.find(", ");
    each(columns.substr(0, comma));
    if (comma == std::string_view::npos) return;
    columns.remove_prefix(comma + 2);
  }
}

std::string shown(const Value& value) {
  if (value.kind == ColumnKind::integer) return std::to_string(value.integer);
  if (value.kind == ColumnKind::text) return std::string(value.bytes.substr(0, kKeyShown));
  return "?";
}

Error damaged_row(const std::string& path, const RowKind& kind, std::span<const Value> keys) {
  auto detail = path + ": table " + std::string(kind.name) + ", row";
  for (const auto& key : keys) detail += " " + shown(key);
  return Error{Errc::corrupt, detail + ": does not match its digest"};
}

Result<RowSum> sum_of(Connection& db, const RowKind& kind) {
  TRY(auto rows, db.query("SELECT digest FROM " + std::string(kind.name)));
  for (RowSum sum;; sum.add(rows.integer(0))) {
    TRY(const bool more, rows.step());
    if (!more) return sum;
  }
}

Status check_table(Connection& db, const RowKind& kind) {
  RowSum found;
  {
    TRY(auto rows, db.query("SELECT " + proved(kind) + " FROM " + std::string(kind.name)));
    for (;;) {
      TRY(const bool more, rows.step());
      if (!more) break;
      TRY(check_row(rows, kind));
      found.add(rows.integer(kind.count));
    }
  }
  return check_sum(db, kind, found);
}

}  // namespace

std::int64_t row_digest(const RowKind& kind, std::span<const Value> values) {
  ASSERT(values.size() == static_cast<std::size_t>(kind.count));
  const auto most = bytes_at_most(kind, values);
  std::array<char, kRoomBytes> room;
  core::Bytes larger;
  if (most > room.size()) larger.resize(most);
  auto* const begin = larger.empty() ? room.data() : larger.data();
  auto* end = put_text(begin, kind.name);
  for (const auto& value : values) {
    *end++ = static_cast<char>(value.kind);
    if (is_number(value)) end = put(end, value.integer);
    else if (value.kind != ColumnKind::null) end = put_text(end, value.bytes);
  }
  return static_cast<std::int64_t>(core::checksum({begin, static_cast<std::size_t>(end - begin)}));
}

std::string proved(const RowKind& kind, std::string_view alias) {
  const auto prefix = alias.empty() ? std::string() : std::string(alias) + ".";
  std::string out;
  for_each_column(kind.columns, [&](std::string_view column) { out += prefix + std::string(column) + ", "; });
  return out + prefix + "digest";
}

RowValues::RowValues(const Query& row, const RowKind& kind, int first) : row_(row), kind_(kind), digest_(row.integer(first + kind.count)) {
  for (int i = 0; i < kind.count; ++i) values_[static_cast<std::size_t>(i)] = row.value(first + i);
}

Status RowValues::check() const {
  const std::span<const Value> values(values_);
  if (row_digest(kind_, values.first(static_cast<std::size_t>(kind_.count))) == digest_) return core::ok_status();
  return damaged_row(row_.path(), kind_, values.first(static_cast<std::size_t>(kind_.keys)));
}

Status check_row(const Query& row, const RowKind& kind, int first) { return RowValues(row, kind, first).check(); }

Result<RowSum> stored_sum(Connection& db, const RowKind& kind) {
  TRY(auto row, db.query("SELECT rows, sum FROM row_sum WHERE name = ?1", kind.name));
  TRY(const bool found, row.step());
  if (!found) return Error{Errc::corrupt, db.path() + ": does not say how many rows are in table " + std::string(kind.name)};
  return RowSum{.rows = row.integer(0), .sum = row.unsigned_integer(1)};
}

Status store_sum(Connection& db, const RowKind& kind, const RowSum& sum) {
  TRY(db.run("INSERT OR REPLACE INTO row_sum (name, rows, sum) VALUES (?1, ?2, ?3)", kind.name, sum.rows, sum.sum));
  return core::ok_status();
}

Status check_sum(Connection& db, const RowKind& kind, const RowSum& found) {
  TRY(const auto written, stored_sum(db, kind));
  if (found == written) return core::ok_status();
  const auto table = db.path() + ": table " + std::string(kind.name);
  if (found.rows == written.rows) return Error{Errc::corrupt, table + ": a row stands for another that was written"};
  return Error{Errc::corrupt, table + ": holds " + std::to_string(found.rows) + " rows, " + std::to_string(written.rows) + " were written"};
}

Status prove_rows(Connection& db, const RowKind& kind) {
  db.define("row_digest", [kind](std::span<const Value> values) { return row_digest(kind, values); });
  TRY(db.execute("UPDATE " + std::string(kind.name) + " SET digest = row_digest(" + std::string(kind.columns) + ")"));
  TRY(const auto sum, sum_of(db, kind));
  return store_sum(db, kind, sum);
}

Status prove_rows(Connection& db) {
  for (const auto* const kind : kRowKinds) TRY(prove_rows(db, *kind));
  return core::ok_status();
}

Status check_rows(Connection& db) {
  for (const auto* const kind : kRowKinds) TRY(check_table(db, *kind));
  return core::ok_status();
}

}  // namespace store::state
