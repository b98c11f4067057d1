// SPDX-License-Identifier: MPL-2.0
#include "core/leader/plan_queue.h"

#include <utility>

namespace core::leader {

void PlanQueue::push(PendingPlan plan) {
  const auto priority = plan.plan.priority;
  plans_.insert(Item{priority, arrivals_++, std::move(plan)});
}

std::optional<PendingPlan> PlanQueue::pop() {
  if (plans_.empty()) return std::nullopt;
  return std::move(plans_.extract(plans_.begin()).value().plan);
}

}  // namespace core::leader
