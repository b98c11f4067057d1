// SPDX-License-Identifier: MPL-2.0
// What became of each task, for telemetry.publish_allocation_metrics: how often it ran, was restarted, ended.
// Worked out from one look to the next. An allocation that is forgotten takes its counters with it.
#pragma once

#include <map>

#include "core/client/io.h"
#include "core/metrics/registry.h"
#include "core/model/alloc.h"

namespace agent::client {

// The node's labels and the task's: what is said of all that is told of a task.
core::metrics::Labels task_labels(core::metrics::Labels node, const core::model::Allocation& alloc, const std::string& task);

class TaskCounters {
 public:
  // `labels`: of the node.
  TaskCounters(core::metrics::Registry& registry, core::metrics::Labels labels);

  // Between begin() and end(), set() is called for each task there is. What the first look finds was there before
  // this agent and is not counted.
  void begin();
  void set(const core::model::Allocation& alloc, const std::string& task, const core::model::TaskState& state);
  void end();

 private:
  struct Known {
    core::metrics::Counter running, restart, complete, failed;
    core::model::TaskStatus status = core::model::TaskStatus::pending;
    std::uint64_t restarts = 0;
    bool there = false;
  };
  Known& known(const core::model::Allocation& alloc, const std::string& task);

  core::metrics::Registry& registry_;
  core::metrics::Labels labels_;
  bool looked_ = false;
  std::map<core::client::TaskId, Known> tasks_;
};

}  // namespace agent::client
