// SPDX-License-Identifier: MPL-2.0
#include "core/server/worker.h"

#include <iterator>
#include <utility>

#include "core/base/rng.h"
#include "core/model/overlay.h"
#include "core/sched/scheduler.h"

namespace core::server {
namespace {

ScheduleResult begin_result(const ScheduleTask& task) {
  ScheduleResult result;
  result.eval = task.eval->id;
  result.token = task.token;
  result.attempt = task.attempt;
  result.type = task.eval->type;
  return result;
}

// What the decision took, in equal parts to all it placed or could not place.
void share_time(sched::Decision& decision, Duration took) {
  auto& failed = decision.eval.failed_groups;
  const auto parts = decision.plan.placements.size() + failed.size();
  if (parts == 0) return;
  const auto part = took / static_cast<std::int64_t>(parts);
  for (auto& placement : decision.plan.placements) placement.metrics.allocation_time = part;
  for (auto& [group, metrics] : failed) metrics.allocation_time = part;
}

}  // namespace

Scheduled run(const ScheduleBatch& batch, const leader::GcConfig& gc, const Stopwatch& elapsed) {
  Scheduled out{.worker = batch.worker, .results = {}};
  model::Overlay overlay(*batch.view);
  for (const auto& plan : batch.in_flight) overlay.add(plan);
  std::optional<sched::Fleet> fleet;  // made for the first that needs it
  for (const auto& task : batch.tasks) {
    auto& result = out.results.emplace_back(begin_result(task));
    if (task.eval->type == model::core_job::kType) {
      result.core = true;
      result.collected = leader::collect(task.eval->job_id.text, *batch.view, batch.now, gc);
      continue;
    }
    if (!fleet) fleet.emplace(overlay);
    Rng rng(task.seed);
    const auto begun = elapsed();
    auto decision = sched::schedule(*task.eval, *fleet, rng, batch.now);
    result.took = elapsed() - begun;
    share_time(decision, result.took);
    result.evals.push_back(std::move(decision.eval));
    std::move(decision.follow_ups.begin(), decision.follow_ups.end(), std::back_inserter(result.evals));
    if (!decision.plan.empty()) {
      overlay.add(decision.plan);
      fleet->refresh(decision.plan);
    }
    result.plan = std::move(decision.plan);
  }
  return out;
}

}  // namespace core::server
