// SPDX-License-Identifier: MPL-2.0
// Evaluations out to workers, plans back in, verified, and on to the log.
//
// A plan that fits as a whole is written together with the evaluation it finishes. One that was cut
// down is written alone, and its evaluation is scheduled anew once the state shows what was decided;
// after too many attempts the evaluation gives up and leaves a blocked one behind.
#include <algorithm>
#include <utility>

#include "core/base/limits.h"
#include "core/sched/scheduler.h"
#include "core/server/state.h"

namespace core::server {
namespace {

// Between two batches handed out. One alone goes at once; under load those that come meanwhile go together,
// because waking a worker, and the loop again, costs as much as scheduling a small job.
constexpr Duration kBatchInterval = 1ms;

void give_up_attempts(State& s, const leader::PendingPlan& pending) {
  const auto eval = s.view->eval(pending.eval);
  if (!eval) return s.duties->broker.remove(pending.eval);
  model::EvalsUpdated event{sched::give_up(*eval, s.view->index(), s.rng, s.wall)};
  propose(s, std::move(event));
}

// Not before the state shows what was left of the plan: laid over an older state, placements of a job
// that has a new version meanwhile would go unseen, and be made twice.
void try_again(State& s, leader::PendingPlan pending, leader::PlanCheck::Ticket after) {
  const auto eval = s.view->eval(pending.eval);
  if (!eval || pending.attempt + 1 >= sched::max_attempts(*eval)) return give_up_attempts(s, pending);
  ScheduleTask task{.eval = eval, .token = std::move(pending.token), .seed = s.rng.next(), .attempt = pending.attempt + 1};
  s.duties->again.push_back({std::move(task), after});
}

void submit(State& s, leader::PendingPlan pending) {
  auto& duties = *s.duties;
  if (!duties.broker.outstanding(pending.eval, pending.token)) return;  // the lease ran out: another worker has it
  Proposals::LeaseRef lease{.eval = pending.eval, .token = pending.token, .submitted = pending.submitted};
  if (pending.plan.empty()) return propose(s, model::EvalsUpdated{std::move(pending.evals)}, lease);
  auto verdict = duties.check.check(std::move(pending.plan), *s.view);
  for (const auto& [node, why] : verdict.refused)
    LOG(s.log, debug, "plan refused for node", {"eval_id", pending.eval}, {"node_id", node}, {"reason", why});
  lease.plan = verdict.ticket;
  if (!verdict.accepted.empty()) {
    model::PlansApplied event;
    event.plans.push_back(std::move(verdict.accepted));
    if (verdict.whole) event.evals = std::move(pending.evals);
    lease.plan = verdict.ticket;
    propose(s, std::move(event), lease);
  }
  if (!verdict.whole) try_again(s, std::move(pending), verdict.ticket);
}

std::vector<ScheduleTask> take_again(Duties& duties) {
  auto& again = duties.again;
  const auto due = std::stable_partition(again.begin(), again.end(),
                                         [&](const auto& one) { return duties.check.is_in_flight(one.after); });
  std::vector<ScheduleTask> tasks;
  for (auto it = due; it != again.end(); ++it) tasks.push_back(std::move(it->task));
  again.erase(due, again.end());
  return tasks;
}

void collect(State& s, ScheduleResult& result) {
  for (auto& event : result.collected) propose(s, std::move(event));
  s.duties->broker.remove(result.eval);
}

}  // namespace

void on_scheduled(State& s, Scheduled input) {
  if (!s.duties) return;  // made for a term that is over
  s.duties->idle_workers.insert(input.worker);
  for (auto& result : input.results) {
    if (!s.duties->broker.outstanding(result.eval, result.token)) continue;
    if (result.core) collect(s, result);
    else s.duties->plans.push({.eval = result.eval, .token = result.token, .attempt = result.attempt,
                               .plan = std::move(result.plan), .evals = std::move(result.evals), .submitted = s.now});
  }
}

void submit_plans(State& s) {
  if (!s.duties) return;
  while (s.duties->check.in_flight() < limits::kPlansInFlightMax) {
    auto pending = s.duties->plans.pop();
    if (!pending) return;
    submit(s, std::move(*pending));
  }
}

void settle_plans(State& s, Output& out) {
  for (const auto& lease : s.proposals.take_settled()) {
    s.duties->check.settle(lease.plan);
    if (lease.plan != 0) out.plans_settled.push_back(s.now - lease.submitted);
  }
  for (const auto& lease : s.proposals.take_refused()) {
    s.duties->check.settle(lease.plan);
    s.duties->broker.nack(lease.eval, lease.token, s.now);
  }
}

void hand_out_evals(State& s, Output& out) {
  if (!s.duties || s.now < s.duties->next_batch) return;
  auto& duties = *s.duties;
  while (!duties.idle_workers.empty()) {
    auto tasks = take_again(duties);
    while (tasks.size() < s.config.evals_per_batch) {
      auto lease = duties.broker.dequeue(s.now);
      if (!lease) break;
      tasks.push_back({.eval = std::move(lease->eval), .token = std::move(lease->token), .seed = s.rng.next(), .attempt = 0});
    }
    if (tasks.empty()) return;
    duties.next_batch = s.now + kBatchInterval;
    const auto worker = duties.idle_workers.extract(duties.idle_workers.begin()).value();
    out.schedule.push_back({.worker = worker, .tasks = std::move(tasks), .view = s.view,
                            .in_flight = duties.check.plans_in_flight(), .now = s.wall});
  }
}

std::optional<Instant> next_hand_out(const Duties& duties) {
  const auto& again = duties.again;
  const bool again_due = std::any_of(again.begin(), again.end(), [&](const auto& one) { return !duties.check.is_in_flight(one.after); });
  if (duties.idle_workers.empty() || (duties.broker.ready() == 0 && !again_due)) return std::nullopt;
  return duties.next_batch;
}

}  // namespace core::server
