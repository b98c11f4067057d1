// SPDX-License-Identifier: MPL-2.0
#include "agent/client/task_counters.h"

#include <utility>

namespace agent::client {

using core::model::TaskStatus;

core::metrics::Labels task_labels(core::metrics::Labels node, const core::model::Allocation& alloc, const std::string& task) {
  for (const auto& [name, value] : {std::pair{"alloc_id", alloc.id.text}, {"job", alloc.job_id.text}, {"task_group", alloc.task_group},
                                    {"task", task}, {"namespace", alloc.ns}})
    node.push_back({name, value});
  return node;
}

TaskCounters::TaskCounters(core::metrics::Registry& registry, core::metrics::Labels labels)
    : registry_(registry), labels_(std::move(labels)) {}

void TaskCounters::begin() {
  for (auto& [id, task] : tasks_) task.there = false;
}

void TaskCounters::end() {
  looked_ = true;
  std::erase_if(tasks_, [this](const auto& item) {
    const auto& task = item.second;
    if (task.there) return false;
    for (const auto& counter : {task.running, task.restart, task.complete, task.failed}) registry_.forget(counter);
    return true;
  });
}

TaskCounters::Known& TaskCounters::known(const core::model::Allocation& alloc, const std::string& task) {
  const auto [found, fresh] = tasks_.try_emplace({alloc.id, task});
  if (!fresh) return found->second;
  const auto labels = task_labels(labels_, alloc, task);
  const auto open = [&](const char* name) { return registry_.counter(std::string("nomad.client.allocs.") + name, labels); };
  found->second = {.running = open("running"), .restart = open("restart"), .complete = open("complete"), .failed = open("failed")};
  return found->second;
}

void TaskCounters::set(const core::model::Allocation& alloc, const std::string& task, const core::model::TaskState& state) {
  auto& before = known(alloc, task);
  before.there = true;
  const auto status = std::exchange(before.status, state.state);
  const auto restarts = state.restarts - std::exchange(before.restarts, state.restarts);
  if (!looked_) return;
  // Between two looks it may have begun, ended and begun again.
  const bool began = status == TaskStatus::pending && state.state != TaskStatus::pending && state.started_at.at.ns != 0;
  if (const auto times = restarts + (began ? 1 : 0); times > 0) before.running.add(static_cast<double>(times));
  if (restarts > 0) before.restart.add(static_cast<double>(restarts));
  if (status == TaskStatus::dead || state.state != TaskStatus::dead) return;
  (state.failed ? before.failed : before.complete).add();
}

}  // namespace agent::client
