// SPDX-License-Identifier: MPL-2.0
#include "core/sched/follow_up.h"

#include <algorithm>
#include <utility>

#include "core/base/uuid_order.h"

namespace core::sched {
namespace {

constexpr const char* kRemaining = "created to place remaining allocations";
constexpr const char* kConflicts = "created due to placement conflicts";
constexpr const char* kDelayed = "created for delayed rescheduling";
// Allocations due within this time of the first share an evaluation.
constexpr Duration kDelayedWindow = 5s;

model::Evaluation follow(const Origin& origin, const char* triggered_by, model::EvalStatus status, Rng& rng) {
  model::Evaluation out;
  out.id = {make_uuid_after((origin.last.empty() ? origin.eval.id : origin.last).text, rng)};
  out.ns = origin.eval.ns;
  out.priority = origin.eval.priority;
  out.type = origin.eval.type;
  out.triggered_by = triggered_by;
  out.job_id = origin.eval.job_id;
  out.job_modify_index = origin.job ? origin.job->job_modify_index : origin.eval.job_modify_index;
  out.status = status;
  out.previous_eval = origin.eval.id;
  out.snapshot_index = origin.snapshot;
  out.create_time = out.modify_time = origin.now;
  return out;
}

}  // namespace

model::Evaluation blocked_eval(const Origin& origin, Rng& rng) {
  auto out = follow(origin, model::trigger::kQueuedAllocs, model::EvalStatus::blocked, rng);
  out.status_description = kRemaining;
  return out;
}

model::Evaluation out_of_attempts_eval(const Origin& origin, Rng& rng) {
  auto out = follow(origin, model::trigger::kMaxPlans, model::EvalStatus::blocked, rng);
  out.status_description = kConflicts;
  return out;
}

model::Evaluation rolling_eval(const Origin& origin, Duration stagger, Rng& rng) {
  auto out = follow(origin, model::trigger::kRollingUpdate, model::EvalStatus::pending, rng);
  out.wait = stagger;
  return out;
}

DelayedEvals delayed_evals(const Origin& origin, std::vector<Later> later, Rng& rng) {
  std::sort(later.begin(), later.end(),
            [](const Later& a, const Later& b) { return std::tie(a.due, a.alloc->id) < std::tie(b.due, b.alloc->id); });
  DelayedEvals out;
  auto from = origin;
  for (auto& [alloc, due] : later) {
    if (out.evals.empty() || due - out.evals.back().wait_until.at >= kDelayedWindow) {
      auto eval = follow(from, model::trigger::kAllocFailure, model::EvalStatus::pending, rng);
      eval.status_description = kDelayed;
      eval.wait_until = {due};
      from.last = eval.id;
      out.evals.push_back(std::move(eval));
    }
    out.waiting.emplace_back(std::move(alloc), out.evals.back().id);
  }
  return out;
}

}  // namespace core::sched
