// SPDX-License-Identifier: MPL-2.0
// eval. `doc` is the whole API object; the columns beside it are for people and indexes.
#include "store/state/rows.h"

namespace store::state {
namespace {

constexpr int kDoc = 12;

template <class Take>
auto with_values(const model::Evaluation& eval, Take&& take) {
  return take({eval.id.text, eval.ns, eval.job_id.text, eval.type, eval.priority, eval.triggered_by,
               core::to_word(eval.status), eval.status_description, eval.create_index.value, eval.modify_index.value,
               eval.create_time.ns, eval.modify_time.ns, model::eval_to_api(eval)});
}

Status insert_eval(RowWriter& rows, const model::Evaluation& eval) {
  TRY(with_values(eval, [&](std::initializer_list<Bound> values) { return rows.insert(kEvalRow, values); }));
  return core::ok_status();
}

// All but what an evaluation keeps: its id, its job, when it was made.
Status update_eval(RowWriter& rows, const model::Evaluation& eval) {
  return with_values(eval, [&](std::initializer_list<Bound> values) {
    return rows.update(kEvalRow,
                       "UPDATE eval SET type = ?4, priority = ?5, triggered_by = ?6, status = ?7, description = ?8,"
                       " modify_index = ?10, modify_time = ?12, doc = ?13, digest = ?15 WHERE seq = ?14",
                       values);
  });
}

}  // namespace

Status write_eval(RowWriter& rows, const core::EvalId& id, const Dirty::EvalMark& mark) {
  if (mark.now && !mark.whole) return update_eval(rows, *mark.now);
  if (!mark.fresh) TRY(rows.remove(kEvalRow, "DELETE FROM eval WHERE id = ?1 RETURNING digest", {id.text}));
  return mark.now ? insert_eval(rows, *mark.now) : core::ok_status();
}

Status load_evals(Connection& db, model::Cluster& cluster, Books& books) {
  Loaded loaded(cluster);
  TRY(auto rows, db.query("SELECT " + proved(kEvalRow) + " FROM eval"));
  return load_table(db, kEvalRow, std::move(rows), [&](const Query& row) -> Status {
    auto eval = std::make_shared<model::Evaluation>();
    TRY(read_json(row.text(kDoc), *eval));
    books.count(*eval);
    const auto index = eval->modify_index;
    loaded.add(index, model::EvalChanged{std::move(eval)});
    return core::ok_status();
  });
}

}  // namespace store::state
