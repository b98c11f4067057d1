// SPDX-License-Identifier: MPL-2.0
// Plans that the leader found to fit: stops first, then placements and updates in place, then the
// evaluations they finish.
#include "store/state/apply.h"

namespace store::state {
namespace {

using core::Errc;
using core::Error;

void stop(const model::PlanStop& wanted, Draft& draft) {
  const auto stored = draft.alloc(wanted.id);
  if (!stored) return;  // collected meanwhile
  auto alloc = *stored;
  alloc.desired_status = wanted.desired_status;
  alloc.desired_description = wanted.description;
  if (wanted.client_status) alloc.client_status = *wanted.client_status;
  if (!wanted.followup_eval.empty()) alloc.followup_eval = wanted.followup_eval;
  draft.put(std::move(alloc), stored, Extent::changing);
}

// What came of the allocation so far stays when it is updated in place.
void keep_history(model::Allocation& alloc, const model::Allocation& stored) {
  alloc.client_status = stored.client_status;
  alloc.client_description = stored.client_description;
  alloc.task_states = stored.task_states;
  alloc.desired_transition = stored.desired_transition;
  alloc.next_allocation = stored.next_allocation;
  alloc.followup_eval = stored.followup_eval;
  if (alloc.previous_allocation.empty()) alloc.previous_allocation = stored.previous_allocation;
  if (!alloc.reschedule_tracker) alloc.reschedule_tracker = stored.reschedule_tracker;
}

void link_previous(const core::AllocId& previous, const core::AllocId& next, Draft& draft) {
  const auto stored = draft.alloc(previous);
  if (!stored || stored->next_allocation == next) return;
  auto alloc = *stored;
  alloc.next_allocation = next;
  draft.put(std::move(alloc), stored, Extent::changing, false);  // its client has no use for the link
}

void place(const model::Plan& plan, const model::Placement& placement, const model::JobPtr& job, Draft& draft) {
  const auto stored = draft.alloc(placement.id);
  // What was told to stop is never resumed: its client may have stopped it already.
  if (stored && stored->server_terminal()) return;
  auto alloc = model::placed_alloc(plan, placement, job);
  if (stored) keep_history(alloc, *stored);
  const auto previous = alloc.previous_allocation;
  const auto id = alloc.id;
  draft.put(std::move(alloc), stored, Extent::whole);
  if (!previous.empty()) link_previous(previous, id, draft);
}

void apply_plan(const model::Plan& plan, Draft& draft) {
  for (const auto& wanted : plan.stops) stop(wanted, draft);
  if (plan.placements.empty()) return;
  // A job that was purged meanwhile has no use for placements.
  const auto job = draft.version(plan.job, plan.job_version);
  if (!job) return;
  for (const auto& placement : plan.placements) place(plan, placement, job, draft);
}

Status check(const model::Plan& plan) {
  for (const auto& placement : plan.placements)
    if (placement.group >= plan.groups.size())
      return Error{Errc::rejected, "placement " + placement.id.text + " names a group that its plan does not have"};
  return core::ok_status();
}

}  // namespace

Status apply(model::PlansApplied event, Draft& draft, Applied& applied) {
  for (const auto& plan : event.plans) TRY(check(plan));
  for (const auto& plan : event.plans) apply_plan(plan, draft);
  put_evals(std::move(event.evals), draft, applied);
  return core::ok_status();
}

}  // namespace store::state
