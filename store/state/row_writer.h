// SPDX-License-Identifier: MPL-2.0
// Rows written with their digests, and each table's sum kept with them (row_digest.h).
#pragma once

#include <array>
#include <initializer_list>
#include <string_view>

#include "store/state/row_digest.h"

namespace store::state {

// Over one transaction, which finish() ends as far as this goes. Values are looked at in place; they are those of
// `kind.columns`, in that order, but `seq`, which is the writer's.
class RowWriter {
 public:
  explicit RowWriter(Connection& db) : db_(db) {}

  // The row's `seq`; 0 where there is none.
  Result<std::int64_t> insert(const RowKind& kind, std::initializer_list<Bound> values);
  // `sql` updates the columns that change, of the row whose `seq` is the parameter behind the values; the one behind
  // that is the digest. Errc::corrupt if there is no such row.
  Status update(const RowKind& kind, std::string_view sql, std::initializer_list<Bound> values);
  // `sql` deletes rows, RETURNING digest.
  Status remove(const RowKind& kind, std::string_view sql, std::initializer_list<Bound> values = {});
  // The sums go into the database.
  Status finish();

  Connection& db() { return db_; }

 private:
  struct Table {
    RowSum change{};            // against what is stored
    std::int64_t last_seq = 0;  // 0: not known
  };
  Table& table(const RowKind& kind);
  Result<std::int64_t> next_seq(const RowKind& kind);

  Connection& db_;
  std::array<Table, kRowKinds.size()> tables_;
};

}  // namespace store::state
