// SPDX-License-Identifier: MPL-2.0
#include "agent/server/job_gauges.h"

#include <utility>

namespace agent::server {
namespace {

using core::model::GroupSummary;
using core::model::JobStatus;

// An interval of the registry: more often would not show.
constexpr core::Duration kEvery = std::chrono::seconds(10);

}  // namespace

JobGauges::JobGauges(net::uv::Loop& loop, core::metrics::Registry& registry, Queries& queries)
    : loop_(loop), registry_(registry), queries_(queries), count_at_(loop.now()) {}

void JobGauges::set(bool leads) {
  if (!leads) {
    forget(groups_);
    by_status_.clear();
    counted_ = {};
    count_at_ = loop_.now();
    return;
  }
  if (!counting_ && loop_.now() >= count_at_) count();
  for (const auto& [status, count] : by_status_) status_gauges_.at(status).set(count);
  for (const auto& [key, group] : groups_)
    for (std::size_t i = 0; i < group.gauges.size(); ++i) group.gauges[i].set(group.values[i]);
}

void JobGauges::count() {
  counting_ = true;
  count_at_ = loop_.now() + kEvery;
  queries_.count_jobs(counted_, kJobsMax, lifetime_.guard([this](const core::Result<std::optional<store::state::JobCounts>>& counts) {
    counting_ = false;
    if (counts.ok() && *counts) learn(**counts);
  }));
}

void JobGauges::learn(const store::state::JobCounts& counts) {
  counted_ = counts.index;
  for (std::size_t i = 0; i < words(JobStatus{}).size(); ++i) {
    const auto status = static_cast<JobStatus>(i);
    const auto found = counts.by_status.find(status);
    by_status_[status] = found == counts.by_status.end() ? 0 : static_cast<double>(found->second);
    status_gauges_.try_emplace(status, registry_.gauge("nomad.nomad.job_status." + std::string(words(status)[i])));
  }
  auto before = std::exchange(groups_, {});
  for (const auto& job : counts.jobs)
    for (const auto& [group, summary] : job.summary) learn(job, group, summary, before);
  forget(before);
}

void JobGauges::learn(const core::model::JobSummary& job, const std::string& group, const GroupSummary& summary,
                      std::map<GroupKey, Group>& before) {
  const GroupKey key{{job.ns, job.job_id}, group};
  auto node = before.extract(key);
  auto& known = node ? groups_.insert(std::move(node)).position->second : groups_[key];
  known.values.clear();
  const bool fresh = known.gauges.empty();
  for (const auto& [name, count] : {std::pair{"queued", summary.queued}, {"complete", summary.complete}, {"failed", summary.failed},
                                    {"running", summary.running}, {"starting", summary.starting}, {"lost", summary.lost}}) {
    known.values.push_back(static_cast<double>(count));
    if (fresh)
      known.gauges.push_back(registry_.gauge(std::string("nomad.nomad.job_summary.") + name,
                                             {{"job", job.job_id.text}, {"task_group", group}, {"namespace", job.ns}}));
  }
}

void JobGauges::forget(std::map<GroupKey, Group>& groups) {
  for (const auto& [key, group] : groups)
    for (const auto& gauge : group.gauges) registry_.forget(gauge);
  groups.clear();
}

}  // namespace agent::server
