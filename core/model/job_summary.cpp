// SPDX-License-Identifier: MPL-2.0
#include "core/model/job_summary.h"

#include <algorithm>

namespace core::model {
namespace {

void count(GroupSummary& group, ClientStatus status) {
  switch (status) {
    case ClientStatus::pending: ++group.starting; return;
    case ClientStatus::running: ++group.running; return;
    case ClientStatus::complete: ++group.complete; return;
    case ClientStatus::failed: ++group.failed; return;
    case ClientStatus::lost: ++group.lost; return;
  }
  UNREACHABLE();
}

bool given(const json::Raw& raw) { return !raw.text.empty() && raw.text != "null"; }

}  // namespace

JobSummary summarize(const Job& job, const std::vector<AllocPtr>& allocs,
                     const std::map<std::string, std::int64_t>& queued) {
  JobSummary out;
  out.job_id = job.id;
  out.ns = job.ns;
  out.create_index = job.create_index;
  out.modify_index = job.modify_index;
  for (const auto& group : job.groups) out.summary.try_emplace(group.name);
  for (const auto& [group, waiting] : queued)
    if (const auto found = out.summary.find(group); found != out.summary.end()) found->second.queued = waiting;
  for (const auto& alloc : allocs) {
    count(out.summary[alloc->task_group], alloc->client_status);
    out.modify_index = std::max(out.modify_index, alloc->modify_index);
  }
  return out;
}

std::string job_stub_to_api(const Job& job, const JobSummary& summary) {
  json::Writer w;
  const auto member = [&](const char* name, const auto& value) {
    w.key(name);
    encode(w, value);
  };
  w.begin_object();
  member("ID", job.id);
  member("ParentID", job.parent_id);
  member("Name", job.name);
  member("Namespace", job.ns);
  member("Datacenters", job.datacenters);
  member("Multiregion", job.multiregion);
  member("Type", job.type);
  member("Priority", job.priority);
  member("Periodic", given(job.periodic));
  member("ParameterizedJob", given(job.parameterized));
  member("Stop", job.stop);
  member("Status", job.status);
  member("StatusDescription", job.status_description);
  member("JobSummary", summary);
  member("CreateIndex", job.create_index);
  member("ModifyIndex", job.modify_index);
  member("JobModifyIndex", job.job_modify_index);
  member("SubmitTime", job.submit_time);
  w.end_object();
  return w.take();
}

}  // namespace core::model
