// SPDX-License-Identifier: MPL-2.0
#include "core/model/plan.h"

namespace core::model {
namespace {

const PlanGroup& group_of(const Plan& plan, const Placement& placement) {
  ASSERT(placement.group < plan.groups.size());
  return plan.groups[placement.group];
}

// What was asked for, with the networks that were found.
Resources with_networks(Resources asked, const Placement& placement, const std::string& task) {
  const auto found = placement.networks.find(task);
  if (found != placement.networks.end()) asked.networks = found->second;
  return asked;
}

}  // namespace

Allocation placed_alloc(const Plan& plan, const Placement& placement, JobPtr job) {
  const auto& group = group_of(plan, placement);
  Allocation out;
  out.id = placement.id;
  out.ns = plan.job.ns;
  out.eval_id = plan.eval_id;
  out.name = placement.name;
  out.node_id = placement.node_id;
  out.node_name = placement.node_name;
  out.job_id = plan.job.id;
  out.job = std::move(job);
  out.job_version = plan.job_version;
  out.task_group = group.name;
  for (const auto& [task, asked] : group.tasks) out.task_resources.emplace(task, with_networks(asked, placement, task));
  out.shared = with_networks(group.shared, placement, "");
  out.metrics = placement.metrics;
  out.previous_allocation = placement.previous_allocation;
  out.reschedule_tracker = placement.reschedule_tracker;
  return out;
}

Amount amount(const Plan& plan, const Placement& placement) {
  const auto& group = group_of(plan, placement);
  auto out = amount(group.shared);
  for (const auto& [task, asked] : group.tasks) out += amount(asked);
  return out;
}

}  // namespace core::model
