// SPDX-License-Identifier: MPL-2.0
#include "core/sched/rollout.h"

#include <algorithm>

namespace core::sched {

const model::UpdateStrategy* rolling_update(const model::Job& job, const model::TaskGroup& group) {
  if (job.type != "service") return nullptr;
  const auto& update = group.update ? *group.update : job.update;
  return update.max_parallel > 0 && update.stagger > Duration{} ? &update : nullptr;
}

bool rolled_elsewhere(const model::StateView& view, const model::Evaluation& eval, const model::Job& job) {
  const auto evals = view.evals_of(model::key(job));
  return std::any_of(evals.begin(), evals.end(), [&](const auto& other) {
    return other->id != eval.id && !other->terminal() && other->triggered_by == model::trigger::kRollingUpdate &&
           other->job_modify_index == job.job_modify_index;
  });
}

std::int64_t rollout_limit(const model::UpdateStrategy& update, const GroupWork& work) {
  const auto busy = work.unsettled + static_cast<std::int64_t>(work.place.size());
  return std::max<std::int64_t>(0, update.max_parallel - busy);
}

}  // namespace core::sched
