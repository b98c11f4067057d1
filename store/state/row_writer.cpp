// SPDX-License-Identifier: MPL-2.0
#include "store/state/row_writer.h"

#include <algorithm>
#include <string>
#include <vector>

#include "core/base/assert.h"

namespace store::state {
namespace {

// One text for each kind, made once.
using Texts = std::array<std::string, kRowKinds.size()>;

std::size_t place_of(const RowKind& kind) {
  const auto at = std::find(kRowKinds.begin(), kRowKinds.end(), &kind);
  ASSERT(at != kRowKinds.end());
  return static_cast<std::size_t>(at - kRowKinds.begin());
}

template <class Make>
Texts texts(Make&& make) {
  Texts out;
  std::transform(kRowKinds.begin(), kRowKinds.end(), out.begin(), [&](const RowKind* kind) { return make(*kind); });
  return out;
}

std::string parameters(int count) {
  std::string out = "?1";
  for (int i = 2; i <= count; ++i) out += ", ?" + std::to_string(i);
  return out;
}

const std::string& insert_text(const RowKind& kind) {
  static const auto kTexts = texts([](const RowKind& k) {
    return "INSERT INTO " + std::string(k.name) + " (" + proved(k) + ") VALUES (" + parameters(k.count + 1) + ")";
  });
  return kTexts[place_of(kind)];
}

const std::string& find_text(const RowKind& kind) {
  static const auto kTexts = texts([](const RowKind& k) {
    auto text = "SELECT seq, digest FROM " + std::string(k.name) + " WHERE ";
    std::string_view columns = k.columns;
    for (int i = 1; i <= k.keys; ++i) {
      const auto comma = columns.find(", ");
      text += (i > 1 ? " AND " : "") + std::string(columns.substr(0, comma)) + " = ?" + std::to_string(i);
      columns.remove_prefix(comma + 2);
    }
    return text;
  });
  return kTexts[place_of(kind)];
}

const std::string& last_text(const RowKind& kind) {
  static const auto kTexts = texts([](const RowKind& k) { return "SELECT max(seq) FROM " + std::string(k.name); });
  return kTexts[place_of(kind)];
}

std::int64_t digest_of(const RowKind& kind, std::span<const Bound> bound) {
  std::vector<Value> values;
  values.reserve(bound.size());
  for (const auto& value : bound) values.push_back(value.value());
  return row_digest(kind, values);
}

}  // namespace

RowWriter::Table& RowWriter::table(const RowKind& kind) { return tables_[place_of(kind)]; }

Result<std::int64_t> RowWriter::next_seq(const RowKind& kind) {
  auto& last = table(kind).last_seq;
  if (last == 0) {
    TRY(const auto found, db_.get_integer(last_text(kind)));
    last = found.value_or(0);
  }
  return ++last;
}

Result<std::int64_t> RowWriter::insert(const RowKind& kind, std::initializer_list<Bound> values) {
  std::int64_t seq = 0;
  std::vector<Bound> all(values);
  if (kind.has_seq) {
    TRY(seq, next_seq(kind));
    all.emplace_back(seq);
  }
  const auto digest = digest_of(kind, all);
  all.emplace_back(digest);
  TRY(db_.run_all(insert_text(kind), all));
  table(kind).change.add(digest);
  return seq;
}

Status RowWriter::update(const RowKind& kind, std::string_view sql, std::initializer_list<Bound> values) {
  std::int64_t seq = 0, before = 0;
  {
    TRY(auto row, db_.query_all(find_text(kind), std::span(values).first(static_cast<std::size_t>(kind.keys))));
    TRY(const bool found, row.step());
    if (!found) return core::Error{core::Errc::corrupt, db_.path() + ": table " + std::string(kind.name) + ": lacks a row that was written"};
    seq = row.integer(0);
    before = row.integer(1);
  }
  std::vector<Bound> all(values);
  all.emplace_back(seq);
  const auto digest = digest_of(kind, all);
  all.emplace_back(digest);
  TRY(db_.run_all(sql, all));
  table(kind).change.drop(before);
  table(kind).change.add(digest);
  return core::ok_status();
}

Status RowWriter::remove(const RowKind& kind, std::string_view sql, std::initializer_list<Bound> values) {
  TRY(auto rows, db_.query_all(sql, values));
  for (;;) {
    TRY(const bool more, rows.step());
    if (!more) return core::ok_status();
    table(kind).change.drop(rows.integer(0));
  }
}

Status RowWriter::finish() {
  for (const auto* const kind : kRowKinds) {
    auto& change = table(*kind).change;
    if (change == RowSum{}) continue;
    TRY(auto sum, stored_sum(db_, *kind));
    sum.add(change);
    TRY(store_sum(db_, *kind, sum));
    change = {};
  }
  return core::ok_status();
}

}  // namespace store::state
