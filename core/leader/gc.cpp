// SPDX-License-Identifier: MPL-2.0
#include "core/leader/gc.h"

#include "core/base/limits.h"

#include <algorithm>
#include <set>

namespace core::leader {
namespace {

using model::AllocPtr;
using model::EvalPtr;
using model::JobPtr;
using model::StateView;

// Is what was last touched at `time` old enough? Objects without a time are from before any clock.
struct Cutoff {
  WallTime time;
  bool no_age = false;  // force-gc
  bool reached(WallTime touched) const { return no_age || touched <= time; }
};
Cutoff cutoff(WallTime now, Duration threshold, bool no_age) { return {now + -threshold, no_age}; }

// May the scheduler still want to know that this allocation failed, to place it anew?
bool may_be_rescheduled(const model::Allocation& alloc, const model::Job& job, WallTime now) {
  if (alloc.client_status != model::ClientStatus::failed || !alloc.next_allocation.empty()) return false;
  const auto* group = job.group(alloc.task_group);
  if (!group || !group->reschedule_policy) return false;
  const auto& policy = *group->reschedule_policy;
  if (policy.unlimited.value_or(false)) return true;
  if (policy.attempts.value_or(0) == 0) return false;
  if (!alloc.reschedule_tracker || alloc.reschedule_tracker->events.empty()) return true;
  return now - alloc.reschedule_tracker->events.back().time <= policy.interval.value_or(Duration{});
}

bool collectable(const model::Allocation& alloc, const JobPtr& job, const Cutoff& cutoff, WallTime now) {
  if (!alloc.terminal() || !cutoff.reached(alloc.modify_time)) return false;
  if (alloc.client_status == model::ClientStatus::running) return false;
  if (!job || job->stop || job->status == model::JobStatus::dead) return true;
  if (alloc.desired_status == model::DesiredStatus::stop) return true;
  return !may_be_rescheduled(alloc, *job, now);
}

class Collector {
 public:
  Collector(const StateView& view, WallTime now, std::string_view kind) : view_(view), now_(now), kind_(kind) {}

  void jobs(const Cutoff& cutoff) {
    view_.each_job([&](const JobPtr& job) { try_job(job, cutoff); });
  }
  void evals(const Cutoff& cutoff) {
    view_.each_eval([&](const EvalPtr& eval) { try_eval(*eval, cutoff); });
  }
  void nodes(const Cutoff& cutoff) {
    view_.each_node([&](const model::NodePtr& node) {
      if (node->status != model::NodeStatus::down || !cutoff.reached(node->status_updated_at)) return;
      const auto allocs = view_.allocs_on(node->id);
      if (std::all_of(allocs.begin(), allocs.end(), [](const auto& alloc) { return alloc->terminal(); }))
        nodes_.push_back(node->id);
    });
  }
  std::vector<model::Event> events() const;

 private:
  // A job goes with everything it has, or not at all.
  void try_job(const JobPtr& job, const Cutoff& cutoff) {
    const bool over = job->status == model::JobStatus::dead && (job->stop || job->type == "batch");
    if (!over || !cutoff.reached(job->submit_time)) return;
    const auto evals = view_.evals_of(key(*job));
    const auto allocs = view_.allocs_of(key(*job));
    for (const auto& eval : evals)
      if (!eval->terminal() || !cutoff.reached(eval->modify_time)) return;
    for (const auto& alloc : allocs)
      if (!collectable(*alloc, job, cutoff, now_)) return;
    for (const auto& alloc : allocs) allocs_.insert(alloc->id);
    for (const auto& eval : evals) evals_.insert(eval->id);
    jobs_.push_back(key(*job));
  }

  void try_eval(const model::Evaluation& eval, const Cutoff& cutoff) {
    if (!eval.terminal() || !cutoff.reached(eval.modify_time) || evals_.contains(eval.id)) return;
    const auto job = view_.job(eval.job_key());
    const bool keeps_results = eval.type == "batch" && job && !(job->stop && job->status == model::JobStatus::dead);
    bool all = !keeps_results;
    for (const auto& alloc : view_.allocs_of(eval.id)) {
      const bool may_go = keeps_results ? of_older_job(*alloc, *job, cutoff) : collectable(*alloc, job, cutoff, now_);
      if (may_go) allocs_.insert(alloc->id);
      all = all && may_go;
    }
    if (all) evals_.insert(eval.id);
  }

  // What a batch job did must be remembered as long as the job, or it would be done again; unless it
  // was another job of the same name.
  bool of_older_job(const model::Allocation& alloc, const model::Job& job, const Cutoff& cutoff) const {
    return alloc.job && alloc.job->create_index < job.create_index && alloc.terminal() &&
           cutoff.reached(alloc.modify_time);
  }

  const StateView& view_;
  WallTime now_;
  std::string kind_;
  std::set<AllocId> allocs_;
  std::set<EvalId> evals_;
  std::vector<model::JobKey> jobs_;
  std::vector<NodeId> nodes_;
};

// Allocations before their evaluations, these before their jobs: if only the first events come through,
// what is left still leads to the rest.
std::vector<model::Event> Collector::events() const {
  std::vector<model::Event> out;
  model::Reaped reaped;
  std::size_t ids = 0;
  const auto flush = [&] {
    if (ids == 0) return;
    reaped.collected_by = kind_;
    out.emplace_back(std::exchange(reaped, {}));
    ids = 0;
  };
  const auto count = [&] {
    if (++ids == limits::kReapIdsMax) flush();
  };
  for (const auto& id : allocs_) reaped.allocs.push_back(id), count();
  for (const auto& id : evals_) reaped.evals.push_back(id), count();
  for (const auto& id : jobs_) reaped.jobs.push_back(id), count();
  flush();
  for (std::size_t i = 0; i < nodes_.size(); i += limits::kReapIdsMax) {
    const auto end = std::min(i + limits::kReapIdsMax, nodes_.size());
    out.emplace_back(model::NodesDeregistered{
        .nodes = {nodes_.begin() + static_cast<std::ptrdiff_t>(i), nodes_.begin() + static_cast<std::ptrdiff_t>(end)},
        .evals = {},
        .collected_by = kind_});
  }
  return out;
}

constexpr const char* kKinds[] = {model::core_job::kEvalGc, model::core_job::kJobGc, model::core_job::kNodeGc};
constexpr Duration kIntervalMin = 1s;

}  // namespace

std::vector<model::Event> collect(std::string_view kind, const StateView& view, WallTime now, const GcConfig& config) {
  const bool all = kind == model::core_job::kForceGc;
  Collector collector(view, now, kind);
  if (all || kind == model::core_job::kJobGc) collector.jobs(cutoff(now, config.job_threshold, all));
  if (all || kind == model::core_job::kEvalGc) collector.evals(cutoff(now, config.eval_threshold, all));
  if (all || kind == model::core_job::kNodeGc) collector.nodes(cutoff(now, config.node_threshold, all));
  return collector.events();
}

GcSchedule::GcSchedule(GcConfig config, Instant now) : config_(config) {
  config_.interval = std::max(config_.interval, kIntervalMin);
  for (const auto* kind : kKinds) deadlines_.set(kind, now + config_.interval);
}

std::vector<std::string> GcSchedule::take_due(Instant now) {
  auto due = deadlines_.take_due(now);
  for (const auto& kind : due) deadlines_.set(kind, now + config_.interval);
  return due;
}

}  // namespace core::leader
