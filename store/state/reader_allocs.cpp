// SPDX-License-Identifier: MPL-2.0
// Lists of allocations are put together from columns; the full object is decoded, because its three
// forms of resources would cost more to store than to make.
#include "core/model/alloc.h"
#include "store/state/reader_list.h"
#include "store/state/rows.h"
#include "store/state/splice.h"

namespace store::state {
namespace {

std::string stub_columns() { return "SELECT " + proved(kAllocRow, "a") + " FROM alloc a"; }

constexpr std::string_view kNoTransition = R"({"Migrate":null,"Reschedule":null,"ForceReschedule":null})";

void append_stub(std::string& out, const Query& row, bool task_states) {
  ObjectText(out)
      .text("ID", row.text(0))
      .text("EvalID", row.text(3))
      .text("Name", row.text(2))
      .text("Namespace", row.text(1))
      .text("NodeID", row.text(4))
      .text("NodeName", row.text(5))
      .text("JobID", row.text(6))
      .text("JobType", row.text(kAllocJobType))
      .number("JobVersion", row.integer(8))
      .text("TaskGroup", row.text(10))
      .text("DesiredStatus", row.text(11))
      .text("DesiredDescription", row.text(12))
      .json("DesiredTransition", row.is_null(13) ? kNoTransition : row.text(13))
      .text("ClientStatus", row.text(14))
      .text("ClientDescription", row.text(15))
      .json("TaskStates", task_states ? row.text(16) : std::string_view())
      .json("DeploymentStatus", {})
      .text("FollowupEvalID", row.text(19))
      .text("NextAllocation", row.text(18))
      .json("RescheduleTracker", row.text(20))
      .json("PreemptedAllocations", {})
      .text("PreemptedByAllocation", {})
      .number("CreateIndex", row.integer(21))
      .number("ModifyIndex", row.integer(kAllocModifyIndex))
      .number("CreateTime", row.integer(24))
      .number("ModifyTime", row.integer(25))
      .close();
}

// Both kinds of queries below take "SELECT ... FROM alloc a" and add which ones: Open is a function from
// that text to a Result<Query>.
std::string full_columns() {
  return "SELECT " + alloc_columns() + " FROM alloc a JOIN alloc_doc d ON d.alloc = a.seq";
}

Result<model::Allocation> read_with_job(const Query& row, AllocReader& allocs, EmbeddedJobs& jobs) {
  TRY(auto alloc, allocs.read(row));
  TRY(alloc.job, jobs.with_lifecycles(alloc.job_key(), {row.unsigned_integer(kAllocJobModifyIndex)}));
  return alloc;
}

Result<std::string> full_json(const Query& row, AllocReader& allocs, EmbeddedJobs& jobs) {
  TRY(const auto alloc, read_with_job(row, allocs, jobs));
  TRY(const auto job, jobs.json(alloc.job_key(), {row.unsigned_integer(kAllocJobModifyIndex)}));
  return model::alloc_to_api(alloc, job);
}

template <class Open>
Status append_with_resources(Connection& db, const Open& open, Page& page) {
  AllocReader allocs;
  EmbeddedJobs jobs(db);
  TRY(auto rows, open(full_columns()));
  for (;;) {
    TRY(const bool more, rows.step());
    if (!more || !page.begin_item(rows.text(0))) break;
    TRY(const auto alloc, read_with_job(rows, allocs, jobs));
    page.out() += model::alloc_stub_to_api(alloc, rows.text(kAllocJobType), true);
  }
  return core::ok_status();
}

template <class Open>
Status append_stubs(Connection& db, const ListOptions& options, const Open& open, Page& page) {
  if (options.resources) return append_with_resources(db, open, page);
  TRY(auto rows, open(stub_columns()));
  for (;;) {
    TRY(const bool more, rows.step());
    if (!more || !page.begin_item(rows.text(0))) break;
    TRY(check_row(rows, kAllocRow));
    append_stub(page.out(), rows, options.task_states);
  }
  return core::ok_status();
}

}  // namespace

Result<Answer> list_allocs(Connection& db, const ListOptions& options) {
  TRY(const auto prefix, uuid_prefix("alloc", options.prefix));
  const auto range = prefix_range(prefix, options.next_token);
  TRY(auto transaction, Transaction::begin(db, Transaction::Kind::read));
  TRY(const auto index, table_index(db, Table::allocs));
  Page page(options.per_page);
  const auto open = [&](const std::string& from) {
    return db.query(from + " WHERE a.id >= ?1 AND a.id < ?2 AND (?3 = '*' OR a.namespace = ?3) ORDER BY a.id",
                    range.from, range.below, options.ns);
  };
  TRY(append_stubs(db, options, open, page));
  return std::move(page).finish(index);
}

Result<Answer> list_job_allocs(Connection& db, const model::JobKey& job, bool all, const ListOptions& options) {
  TRY(auto transaction, Transaction::begin(db, Transaction::Kind::read));
  std::int64_t since = 0;
  if (!all) {
    TRY(const auto born, db.get_integer("SELECT create_index FROM job WHERE namespace = ?1 AND id = ?2", job.ns,
                                        job.id.text));
    since = born.value_or(0);
  }
  TRY(const auto index, table_index(db, Table::allocs));
  Page page(options.per_page);
  const auto open = [&](const std::string& from) {
    return db.query(from + " WHERE a.namespace = ?1 AND a.job_id = ?2 AND a.create_index >= ?3 ORDER BY a.id", job.ns,
                    job.id.text, since);
  };
  TRY(append_stubs(db, options, open, page));
  if (options.shape == Shape::v0_1_2) TRY(append_failed(db, job, page));
  return std::move(page).finish(index);
}

Result<Answer> list_eval_allocs(Connection& db, const core::EvalId& id, const ListOptions& options) {
  TRY(auto transaction, Transaction::begin(db, Transaction::Kind::read));
  TRY(const auto index, table_index(db, Table::allocs));
  Page page(options.per_page);
  const auto open = [&](const std::string& from) {
    return db.query(from + " WHERE a.eval_id = ?1 ORDER BY a.id", id.text);
  };
  TRY(append_stubs(db, options, open, page));
  if (options.shape == Shape::v0_1_2) TRY(append_failed(db, id, page));
  return std::move(page).finish(index);
}

Result<Answer> list_node_allocs(Connection& db, const core::NodeId& id, Shape shape) {
  TRY(auto transaction, Transaction::begin(db, Transaction::Kind::read));
  AllocReader allocs;
  EmbeddedJobs jobs(db);
  Page page(0);
  Index newest;
  {
    TRY(auto rows, db.query(full_columns() + " WHERE a.node_id = ?1 ORDER BY a.id", id.text));
    for (;;) {
      TRY(const bool more, rows.step());
      if (!more) break;
      page.begin_item(rows.text(0));
      TRY(const auto json, full_json(rows, allocs, jobs));
      page.out() += json;
      newest = std::max(newest, Index{rows.unsigned_integer(kAllocModifyIndex)});
    }
  }
  if (newest == Index{}) {
    TRY(newest, table_index(db, Table::allocs));
  }
  return shaped(std::move(page).finish(newest), shape);
}

Result<Answer> get_alloc(Connection& db, const core::AllocId& id, Shape shape) {
  TRY(auto transaction, Transaction::begin(db, Transaction::Kind::read));
  AllocReader allocs;
  EmbeddedJobs jobs(db);
  {
    TRY(auto row, db.query(full_columns() + " WHERE a.id = ?1", id.text));
    TRY(const bool found, row.step());
    if (found) {
      TRY(auto json, full_json(row, allocs, jobs));
      return shaped({.json = std::move(json), .index = {row.unsigned_integer(kAllocModifyIndex)}}, shape);
    }
  }
  TRY(auto failed, get_failed(db, id));
  if (failed.found) return failed;
  TRY(const auto index, table_index(db, Table::allocs));
  return missing(index);
}

}  // namespace store::state
