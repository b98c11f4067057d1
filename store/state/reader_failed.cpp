// SPDX-License-Identifier: MPL-2.0
// Groups that found no place, in the words of v0.1.2: core/model/failed_placement.h says what they look
// like, here they are found. Only evaluations are read; no such allocation is stored.
#include "core/model/failed_placement.h"
#include "store/state/reader_list.h"
#include "store/state/rows.h"

namespace store::state {
namespace {

// Zero-valued members are left out of a stored evaluation, so this is only in those that failed a group.
std::string select_failed() { return "SELECT " + proved(kEvalRow) + " FROM eval WHERE instr(doc, '\"FailedTGAllocs\":{') > 0"; }

// Of `eval`, as proved() lists it.
constexpr int kDoc = 12;

Result<model::Evaluation> read_eval(const Query& row) {
  TRY(check_row(row, kEvalRow));
  model::Evaluation eval;
  TRY(read_json(row.text(kDoc), eval));
  return eval;
}

std::size_t groups_told(const model::Evaluation& eval) {
  return std::min(eval.failed_groups.size(), model::kFailedPlacementsMax);
}

Status append_each(Query rows, Page& page) {
  for (;;) {
    TRY(const bool more, rows.step());
    if (!more) return core::ok_status();
    TRY(const auto eval, read_eval(rows));
    for (std::size_t rank = 0; rank < groups_told(eval); ++rank) {
      if (!page.begin_item(model::failed_placement_id(eval.id, rank).text)) return core::ok_status();
      page.out() += model::failed_placement_stub_to_api(eval, rank);
    }
  }
}

}  // namespace

Status append_failed(Connection& db, const core::EvalId& eval, Page& page) {
  TRY(auto rows, db.query(select_failed() + " AND id = ?1", eval.text));
  return append_each(std::move(rows), page);
}

Status append_failed(Connection& db, const model::JobKey& job, Page& page) {
  TRY(auto rows, db.query(select_failed() + " AND namespace = ?1 AND job_id = ?2 AND status <> ?3 ORDER BY id",
                          job.ns, job.id.text, core::to_word(model::EvalStatus::blocked)));
  return append_each(std::move(rows), page);
}

Result<Answer> get_failed(Connection& db, const core::AllocId& id) {
  const auto origin = model::failed_placement_of(id);
  if (!origin) return missing({});
  model::Evaluation eval;
  {
    TRY(auto row, db.query(select_failed() + " AND id = ?1", origin->first.text));
    TRY(const bool found, row.step());
    if (!found) return missing({});
    TRY(eval, read_eval(row));
  }
  if (origin->second >= groups_told(eval)) return missing({});
  TRY(const auto job, get_job(db, {eval.ns, eval.job_id}));
  return Answer{.json = model::failed_placement_to_api(eval, origin->second, job.json), .index = at_least_one(eval.modify_index)};
}

}  // namespace store::state
