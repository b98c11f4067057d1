// SPDX-License-Identifier: MPL-2.0
// eval. `doc` is the whole API object; the columns beside it are for people and indexes.
#include "store/state/rows.h"

namespace store::state {
namespace {

Status insert_eval(Connection& db, const model::Evaluation& eval) {
  TRY(db.run("INSERT INTO eval (id, namespace, job_id, type, priority, triggered_by, status, description,"
             " create_index, modify_index, create_time, modify_time, doc)"
             " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
             eval.id.text, eval.ns, eval.job_id.text, eval.type, eval.priority, eval.triggered_by,
             core::to_word(eval.status), eval.status_description, eval.create_index.value, eval.modify_index.value,
             eval.create_time.ns, eval.modify_time.ns, model::eval_to_api(eval)));
  return core::ok_status();
}

Status update_eval(Connection& db, const model::Evaluation& eval) {
  TRY(db.run("UPDATE eval SET type = ?2, priority = ?3, triggered_by = ?4, status = ?5, description = ?6,"
             " modify_index = ?7, modify_time = ?8, doc = ?9 WHERE id = ?1",
             eval.id.text, eval.type, eval.priority, eval.triggered_by, core::to_word(eval.status),
             eval.status_description, eval.modify_index.value, eval.modify_time.ns, model::eval_to_api(eval)));
  return core::ok_status();
}

}  // namespace

Status write_eval(Connection& db, const core::EvalId& id, const Dirty::EvalMark& mark) {
  if (mark.now && !mark.whole) return update_eval(db, *mark.now);
  if (!mark.fresh) TRY(db.run("DELETE FROM eval WHERE id = ?1", id.text));
  return mark.now ? insert_eval(db, *mark.now) : core::ok_status();
}

Status load_evals(Connection& db, model::Cluster& cluster, Books& books) {
  Loaded loaded(cluster);
  TRY(auto rows, db.query("SELECT doc FROM eval"));
  for (;;) {
    TRY(const bool more, rows.step());
    if (!more) return core::ok_status();
    auto eval = std::make_shared<model::Evaluation>();
    TRY(read_json(rows.text(0), *eval));
    books.count(*eval);
    const auto index = eval->modify_index;
    loaded.add(index, model::EvalChanged{std::move(eval)});
  }
}

}  // namespace store::state
