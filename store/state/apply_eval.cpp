// SPDX-License-Identifier: MPL-2.0
// Evaluations: put as they come; one that placed everything makes those superfluous that wait to place
// what an earlier one of its job could not.
#include "store/state/apply.h"

namespace store::state {
namespace {

void cancel_blocked(const model::JobKey& job, const core::EvalId& by, Draft& draft) {
  const auto book = draft.books().jobs.find(job);
  if (book == draft.books().jobs.end()) return;
  const auto blocked = book->second.blocked;  // a copy: putting them back changes it
  for (const auto& id : blocked) {
    if (id == by) continue;
    auto eval = *draft.eval(id);
    eval.status = model::EvalStatus::canceled;
    eval.status_description = "evaluation \"" + by.text + "\" successful";
    draft.put(std::move(eval));
  }
}

void put_eval(model::Evaluation eval, Draft& draft) {
  if (eval.ns.empty()) eval.ns = "default";
  if (eval.priority == 0) eval.priority = model::kPriorityDefault;
  const auto id = eval.id;
  const auto job = eval.job_key();
  const bool placed_all = eval.status == model::EvalStatus::complete && eval.failed_groups.empty();
  draft.set_queued(job, eval.queued_allocations);
  draft.put(std::move(eval));
  if (placed_all) cancel_blocked(job, id, draft);
}

}  // namespace

void put_evals(std::vector<model::Evaluation> evals, Draft& draft, Applied& applied) {
  if (!evals.empty()) applied.eval_create_index = draft.index();
  for (auto& eval : evals) {
    if (draft.named()) applied.evals.push_back(eval.id);
    put_eval(std::move(eval), draft);
  }
}

Status apply(model::EvalsUpdated event, Draft& draft, Applied& applied) {
  put_evals(std::move(event.evals), draft, applied);
  return core::ok_status();
}

}  // namespace store::state
