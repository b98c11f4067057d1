// SPDX-License-Identifier: MPL-2.0
#include "core/model/eval.h"
#include "store/state/reader_list.h"
#include "store/state/rows.h"

namespace store::state {
namespace {

// Rows of `eval`, as proved() lists them.
constexpr int kModifyIndex = 9, kDoc = 12;

std::string select_evals() { return "SELECT " + proved(kEvalRow) + " FROM eval"; }

Status append_eval(std::string& out, const Query& row, Shape shape) {
  TRY(check_row(row, kEvalRow));
  const auto doc = row.text(kDoc);
  if (shape == Shape::current) {
    out.append(doc);
    return core::ok_status();
  }
  model::Evaluation eval;
  TRY(read_json(doc, eval));
  out += model::eval_to_api(eval, shape);
  return core::ok_status();
}

}  // namespace

Result<Answer> list_evals(Connection& db, const ListOptions& options) {
  TRY(const auto prefix, uuid_prefix("eval", options.prefix));
  const auto range = prefix_range(prefix, options.next_token);
  TRY(auto transaction, Transaction::begin(db, Transaction::Kind::read));
  TRY(const auto index, table_index(db, Table::evals));
  Page page(options.per_page);
  TRY(auto rows, db.query(select_evals() + " WHERE id >= ?1 AND id < ?2 AND (?3 = '*' OR namespace = ?3)"
                          " AND (?4 = '' OR job_id = ?4) AND (?5 = '' OR status = ?5) ORDER BY id",
                          range.from, range.below, options.ns, options.job, options.status));
  for (;;) {
    TRY(const bool more, rows.step());
    if (!more || !page.begin_item(rows.text(0))) break;
    TRY(append_eval(page.out(), rows, options.shape));
  }
  return std::move(page).finish(index);
}

Result<Answer> list_job_evals(Connection& db, const model::JobKey& job, Shape shape) {
  TRY(auto transaction, Transaction::begin(db, Transaction::Kind::read));
  TRY(const auto index, table_index(db, Table::evals));
  Page page(0);
  TRY(auto rows, db.query(select_evals() + " WHERE namespace = ?1 AND job_id = ?2 ORDER BY id", job.ns,
                          job.id.text));
  for (;;) {
    TRY(const bool more, rows.step());
    if (!more) break;
    page.begin_item(rows.text(0));
    TRY(append_eval(page.out(), rows, shape));
  }
  return std::move(page).finish(index);
}

Result<Answer> get_eval(Connection& db, const core::EvalId& id, Shape shape) {
  {
    TRY(auto row, db.query(select_evals() + " WHERE id = ?1", id.text));
    TRY(const bool found, row.step());
    if (found) {
      Answer answer{.json = {}, .index = {row.unsigned_integer(kModifyIndex)}};
      TRY(append_eval(answer.json, row, shape));
      return answer;
    }
  }
  TRY(const auto index, table_index(db, Table::evals));
  return missing(index);
}

}  // namespace store::state
