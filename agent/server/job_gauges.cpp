// SPDX-License-Identifier: MPL-2.0
#include "agent/server/job_gauges.h"

#include <utility>

namespace agent::server {
namespace {

using core::model::GroupSummary;
using core::model::JobStatus;

// More often would not show.
constexpr core::Duration kEvery = core::metrics::kInterval;

struct OfGroup {
  const char* name;
  std::int64_t GroupSummary::*count;
};
constexpr OfGroup kOfGroups[] = {{"queued", &GroupSummary::queued},   {"complete", &GroupSummary::complete}, {"failed", &GroupSummary::failed},
                                 {"running", &GroupSummary::running}, {"starting", &GroupSummary::starting}, {"lost", &GroupSummary::lost}};

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
  for (const auto& [status, told] : by_status_) told.gauge.set(told.value);
  for (const auto& [key, group] : groups_)
    for (const auto& told : group) told.gauge.set(told.value);
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
    by_status_[status] = {registry_.gauge("nomad.nomad.job_status." + std::string(words(status)[i])),
                          found == counts.by_status.end() ? 0 : static_cast<double>(found->second)};
  }
  auto before = std::exchange(groups_, {});
  for (const auto& job : counts.jobs)
    for (const auto& [group, summary] : job.summary) learn(job, group, summary, before);
  forget(before);
}

void JobGauges::learn(const core::model::JobSummary& job, const std::string& group, const GroupSummary& summary,
                      std::map<GroupKey, Group>& before) {
  const GroupKey key{{job.ns, job.job_id}, group};
  auto known = before.extract(key);
  auto& told = known ? groups_.insert(std::move(known)).position->second : groups_[key];
  if (told.empty())
    for (const auto& of : kOfGroups)
      told.push_back({registry_.gauge(std::string("nomad.nomad.job_summary.") + of.name,
                                      {{"job", job.job_id.text}, {"task_group", group}, {"namespace", job.ns}})});
  for (std::size_t i = 0; i < told.size(); ++i) told[i].value = static_cast<double>(summary.*kOfGroups[i].count);
}

void JobGauges::forget(std::map<GroupKey, Group>& groups) {
  for (const auto& [key, group] : groups)
    for (const auto& told : group) registry_.forget(told.gauge);
  groups.clear();
}

}  // namespace agent::server
