// SPDX-License-Identifier: MPL-2.0
#include "store/state/summary.h"

namespace store::state {

namespace model = core::model;
using model::ClientStatus;

namespace {

// Counts never go below zero.
bool take_one(std::int64_t& count) {
  if (count == 0) return false;
  --count;
  return true;
}

// Complete and failed are totals: an allocation that left them for another state was there once.
bool is_total(ClientStatus status) { return status == ClientStatus::complete || status == ClientStatus::failed; }

}  // namespace

std::int64_t& count_of(model::GroupSummary& group, ClientStatus status) {
  switch (status) {
    case ClientStatus::pending: return group.starting;
    case ClientStatus::running: return group.running;
    case ClientStatus::complete: return group.complete;
    case ClientStatus::failed: return group.failed;
    case ClientStatus::lost: return group.lost;
  }
  UNREACHABLE();
}

std::int64_t& count_of(model::ChildSummary& children, model::JobStatus status) {
  switch (status) {
    case model::JobStatus::pending: return children.pending;
    case model::JobStatus::running: return children.running;
    case model::JobStatus::dead: return children.dead;
  }
  UNREACHABLE();
}

void add_groups(model::JobSummary& summary, const model::Job& job) {
  for (const auto& group : job.groups) summary.summary.try_emplace(group.name);
}

bool on_placed(model::JobSummary& summary, const model::Allocation& alloc) {
  auto& group = summary.summary[alloc.task_group];
  ++count_of(group, alloc.client_status);
  take_one(group.queued);
  return true;
}

bool on_moved(model::JobSummary& summary, const model::Allocation& before, const model::Allocation& after) {
  if (before.client_status == after.client_status) return false;
  auto& group = summary.summary[after.task_group];
  if (!is_total(before.client_status)) take_one(count_of(group, before.client_status));
  ++count_of(group, after.client_status);
  return true;
}

bool on_forgotten(model::JobSummary& summary, const model::Allocation& alloc) {
  if (alloc.client_terminal()) return false;
  return take_one(count_of(summary.summary[alloc.task_group], alloc.client_status));
}

bool on_queued(model::JobSummary& summary, const std::map<std::string, std::int64_t>& by_group) {
  bool changed = false;
  for (const auto& [name, count] : by_group) {
    const auto group = summary.summary.find(name);
    if (group == summary.summary.end() || group->second.queued == count) continue;
    group->second.queued = count;
    changed = true;
  }
  return changed;
}

}  // namespace store::state
