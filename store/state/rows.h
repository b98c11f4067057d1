// SPDX-License-Identifier: MPL-2.0
// Objects to rows and back. One file a kind; each knows its table's columns both ways, so that what was
// written and read again is the same object.
#pragma once

#include <string>
#include <string_view>

#include "core/base/limits.h"
#include "core/model/cluster.h"
#include "store/sqlite.h"
#include "store/state/books.h"
#include "store/state/row_writer.h"
#include "store/state/writes.h"

namespace store::state {

using core::Result;
using core::Status;

// REQUIRES: in a transaction.
Status write_rows(Connection& db, const Writes& writes);
// Fills an empty cluster and empty books. Errc::corrupt when rows are not what was written, or do not fit together.
Status load_rows(Connection& db, model::Cluster& cluster, Books& books);
// Every row of the table that `row` steps through, checked; `each` is called for one after another. Errc::corrupt also
// if one is missing, or was not written.
template <class Each>
Status load_table(Connection& db, const RowKind& kind, Query rows, Each&& each) {
  RowSum found;
  for (;;) {
    TRY(const bool more, rows.step());
    if (!more) return check_sum(db, kind, found);
    TRY(check_row(rows, kind));
    found.add(rows.integer(kind.count));
    TRY(each(rows));
  }
}
// What load_*() hands to the cluster, some thousands at a time.
class Loaded {
 public:
  explicit Loaded(model::Cluster& cluster) : cluster_(cluster) {}
  ~Loaded() { flush(); }
  Loaded(const Loaded&) = delete;
  void add(Index index, model::Fact fact) {
    changes_.push_back({index, std::move(fact)});
    if (changes_.size() == kAtOnce) flush();
  }

 private:
  static constexpr std::size_t kAtOnce = 4096;
  void flush() {
    cluster_.apply(changes_);
    changes_.clear();
  }
  model::Cluster& cluster_;
  std::vector<model::Change> changes_;
};

// rows_meta.cpp
Status write_meta(Connection& db, const Writes& writes);
Status load_meta(Connection& db, Books& books);
Result<Position> load_position(Connection& db);

// rows_node.cpp
Status write_node(RowWriter& rows, const core::NodeId& id, const Dirty::NodeMark& mark);
Status load_nodes(Connection& db, model::Cluster& cluster);
// One node by its id, decoded; null if there is none.
Result<model::NodePtr> load_node(Connection& db, std::string_view id);

// rows_job.cpp
Status write_job(RowWriter& rows, const JobWrites& job);
Status load_jobs(Connection& db, model::Cluster& cluster, Books& books);
Result<model::JobPtr> load_version(Connection& db, const model::JobKey& job, Index job_modify_index);
// From a row of job_version whose columns begin there; as it was when the version was current. Checked.
Result<model::Job> read_job(const Query& row, int first);

// rows_eval.cpp
Status write_eval(RowWriter& rows, const core::EvalId& id, const Dirty::EvalMark& mark);
Status load_evals(Connection& db, model::Cluster& cluster, Books& books);

// rows_alloc.cpp
Status write_alloc(RowWriter& rows, const core::AllocId& id, const Dirty::AllocMark& mark);
Status load_allocs(Connection& db, model::Cluster& cluster, Books& books);
// Places of columns that others look at, too.
inline constexpr int kAllocJobType = 7, kAllocJobModifyIndex = 9, kAllocModifyIndex = 22, kAllocDoc = 29;
// The columns of `alloc` and `alloc_doc` (as a and d) that AllocReader expects, with their digests.
std::string alloc_columns();
// Allocations out of rows, one after another; what a row has in common with the one before is decoded once.
class AllocReader {
 public:
  // All but the job. Errc::corrupt when a row is not what was written, or not understood.
  Result<model::Allocation> read(const Query& row);
  // Of the rows read so far.
  const RowSum& sum() const { return sum_; }
  const RowSum& documents() const { return documents_; }

 private:
  struct Placed {
    std::map<std::string, model::Resources> tasks;
    model::Resources shared;
    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("Tasks", self.tasks);
      visit("Shared", self.shared);
    }
  };
  Status read_doc(std::string_view doc, model::Allocation& out);

  // Neighbours mostly got the same resources: a document begins as the last one that was decoded.
  std::string before_metrics_;
  Placed placed_;
  RowSum sum_, documents_;
};

// rows_request.cpp
Status write_requests(RowWriter& rows, const Dirty& dirty);
Status load_requests(Connection& db, model::Cluster& cluster, Books& books);

// A word of an enum, a JSON document: what is not understood is damage.
template <class E>
Status read_word(std::string_view text, E& out) {
  const auto found = core::from_word<E>(text);
  if (!found) return core::Error{core::Errc::corrupt, "unknown word \"" + std::string(text) + "\""};
  out = *found;
  return core::ok_status();
}
template <class T>
Status read_json(std::string_view text, T& out) {
  if (text.empty()) return core::ok_status();
  const auto document = core::json::parse(text, {.bytes = core::limits::kEventBytesMax});
  if (!document.ok()) return core::Error{core::Errc::corrupt, document.error().detail};
  using core::decode;
  auto status = decode(document->root(), out);
  if (!status.ok()) return core::Error{core::Errc::corrupt, status.error().detail};
  return core::ok_status();
}
// The JSON of a value that is there, else nothing (NULL).
template <class T>
std::optional<std::string> json_if(bool there, const T& value) {
  if (!there) return std::nullopt;
  return core::to_json(value);
}

}  // namespace store::state
