// SPDX-License-Identifier: MPL-2.0
// What proves a row. SQLite knows when a page is no page, and nothing of a letter that became another: so each row
// carries a digest of its table's name and of its columns, and `row_sum` says how many rows a table has and what their
// digests add up to. Changed bytes, a row under another's key, one that is gone and one that came back are damage.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "store/sqlite.h"

namespace store::state {

using core::Result;
using core::Status;

// A table as its digests see it.
struct RowKind {
  std::string_view name;
  std::string_view columns;  // all but `digest`, in the order of the digest
  int count;                 // of them
  int keys;                  // the first so many name the row
  bool has_seq = false;      // the last is `seq`, which says nothing but where the row stands
};

inline constexpr RowKind kMetaRow{"meta",
                                  "one, applied_index, applied_term, applied_digest, applied_time, configuration_index, cluster_id, region,"
                                  " index_offset",
                                  9, 1};
inline constexpr RowKind kPeerRow{"peer", "id, address, voter", 3, 1};
inline constexpr RowKind kTableIndexRow{"table_index", "name, last_index", 2, 1};
inline constexpr RowKind kTimeStepRow{"time_step", "last_index, time", 2, 1};
inline constexpr RowKind kCollectionRow{"collection", "kind, last_index, last_time, runs, evals, allocs, jobs, nodes", 8, 1};
inline constexpr RowKind kRequestRow{"request",
                                     "entry_index, id, error, error_detail, evals, eval_create_index, job_modify_index, node_modify_index", 8, 1};
inline constexpr RowKind kPieceRow{"restore_piece", "restore, offset, bytes", 3, 2};
inline constexpr RowKind kNodeRow{"node",
                                  "id, secret_id, name, datacenter, node_class, status, status_description, status_updated_at,"
                                  " eligibility, drain, events, create_index, modify_index, stub, seq",
                                  15, 1, true};
inline constexpr RowKind kNodeDocRow{"node_doc", "node, doc", 2, 1};
inline constexpr RowKind kJobRow{"job",
                                 "namespace, id, parent_id, type, priority, version, stop, status, status_description, submit_time,"
                                 " create_index, modify_index, job_modify_index, summary, summary_index, stub, seq",
                                 17, 2, true};
inline constexpr RowKind kVersionRow{"job_version",
                                     "namespace, job_id, job_modify_index, version, listed, stable, status, status_description,"
                                     " modify_index, doc, seq",
                                     11, 3, true};
inline constexpr RowKind kEvalRow{"eval",
                                  "id, namespace, job_id, type, priority, triggered_by, status, description, create_index,"
                                  " modify_index, create_time, modify_time, doc, seq",
                                  14, 1, true};
inline constexpr RowKind kAllocRow{"alloc",
                                   "id, namespace, name, eval_id, node_id, node_name, job_id, job_type, job_version, job_modify_index,"
                                   " task_group, desired_status, desired_description, desired_transition, client_status,"
                                   " client_description, task_states, previous_allocation, next_allocation, followup_eval, reschedule,"
                                   " create_index, modify_index, alloc_modify_index, create_time, modify_time, seq",
                                   27, 1, true};
inline constexpr RowKind kAllocDocRow{"alloc_doc", "alloc, doc", 2, 1};

inline constexpr std::array kRowKinds = {&kMetaRow, &kPeerRow, &kTableIndexRow, &kTimeStepRow, &kCollectionRow, &kRequestRow, &kPieceRow,
                                         &kNodeRow, &kNodeDocRow, &kJobRow, &kVersionRow, &kEvalRow, &kAllocRow, &kAllocDocRow};

// Of a row's values, in the order of `kind.columns`.
std::int64_t row_digest(const RowKind& kind, std::span<const Value> values);

// "a.id, a.name, ..., a.seq, a.digest": what check_row() wants to see, for a select list.
std::string proved(const RowKind& kind, std::string_view alias = {});
// Columns of the widest table.
inline constexpr std::size_t kColumnsMax = 32;
static_assert(std::all_of(kRowKinds.begin(), kRowKinds.end(), [](const RowKind* kind) { return kind->count <= static_cast<int>(kColumnsMax); }));

// The columns of the row that a query stands on, from `first` on as proved() lists them, each looked up once. Texts are
// borrowed until its next step; the query outlives this.
class RowValues {
 public:
  RowValues(const Query& row, const RowKind& kind, int first = 0);
  // Errc::corrupt, naming file, table and row, unless they are what was written.
  Status check() const;

  std::string_view text(int column) const { return at(column).bytes; }
  std::int64_t integer(int column) const { return at(column).integer; }
  std::uint64_t unsigned_integer(int column) const { return static_cast<std::uint64_t>(integer(column)); }
  std::int64_t digest() const { return digest_; }

 private:
  const Value& at(int column) const { return values_[static_cast<std::size_t>(column)]; }

  const Query& row_;
  const RowKind& kind_;
  std::array<Value, kColumnsMax> values_;
  std::int64_t digest_;
};
// The same for who has no use for the values.
Status check_row(const Query& row, const RowKind& kind, int first = 0);

// How many rows, and their digests' sum.
struct RowSum {
  std::int64_t rows = 0;
  std::uint64_t sum = 0;
  void add(std::int64_t digest) { ++rows, sum += static_cast<std::uint64_t>(digest); }
  void drop(std::int64_t digest) { --rows, sum -= static_cast<std::uint64_t>(digest); }
  void add(const RowSum& more) { rows += more.rows, sum += more.sum; }
  friend bool operator==(const RowSum&, const RowSum&) = default;
};
Result<RowSum> stored_sum(Connection& db, const RowKind& kind);
Status store_sum(Connection& db, const RowKind& kind, const RowSum& sum);
// Errc::corrupt unless the table's rows are all that were written, and no others.
Status check_sum(Connection& db, const RowKind& kind, const RowSum& found);

// Gives every row of one table or of all its digest, whatever is in it, and the table its sum. REQUIRES: in a
// transaction.
Status prove_rows(Connection& db, const RowKind& kind);
Status prove_rows(Connection& db);
// Errc::corrupt unless every row is what was written.
Status check_rows(Connection& db);

}  // namespace store::state
