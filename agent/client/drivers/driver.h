// SPDX-License-Identifier: MPL-2.0
// What every driver is: it says whether this node has what it needs, starts tasks, and finds tasks
// again that an earlier agent started. A running task is an object; destroying it lets go of the
// task, which runs on.
//
// Outcomes are core::client's own inputs, told through a Tell: never before the call that causes them
// has returned, and never after the RunningTask is gone.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "core/client/env.h"
#include "core/client/io.h"
#include "core/model/node.h"

namespace agent::client {

// Absolute paths on the host.
struct TaskDirs {
  std::string shared;   // alloc/: of all tasks of the group
  std::string task;
  std::string local, secrets;
  std::string logs;
  std::string control;  // the agent's own, out of the task's reach
};

struct TaskSpec {
  core::client::TaskId id;
  std::uint64_t run = 0;
  core::model::AllocPtr alloc;              // keeps what `task` points into
  const core::model::Task* task = nullptr;  // never null
  core::model::Resources resources;
  core::client::TaskEnv env;
  TaskDirs dirs;
};

// What a task uses, as counters; rates are the asker's business.
struct TaskUse {
  std::uint64_t cpu_user_ns = 0, cpu_system_ns = 0;
  std::uint64_t throttled_periods = 0, throttled_ns = 0;
  std::uint64_t rss_bytes = 0, cache_bytes = 0, swap_bytes = 0;
  std::uint64_t memory_bytes = 0, memory_max_bytes = 0, kernel_bytes = 0, kernel_max_bytes = 0;
  bool by_cgroup = false;                       // all of the above; else rss and cpu times alone
  std::map<std::int32_t, std::uint64_t> pids;   // process -> its resident bytes
};

class RunningTask {
 public:
  virtual ~RunningTask() = default;
  // Send `signal`, and after `grace` whatever cannot be ignored. TaskExited follows.
  virtual void kill(int signal, core::Duration grace) = 0;
  virtual core::Status signal(int signal) = 0;
  virtual core::Result<TaskUse> use() const = 0;
};

using Tell = std::function<void(core::client::Input)>;

class Driver {
 public:
  virtual ~Driver() = default;
  virtual std::string_view name() const = 0;
  // What the node says of this driver. May look around on the host.
  virtual core::model::DriverInfo fingerprint() = 0;
  // Tasks see /alloc, /local and /secrets instead of the host's paths.
  virtual bool has_own_root() const = 0;
  // TaskStarted and some day TaskExited, or TaskStartFailed.
  virtual std::unique_ptr<RunningTask> start(TaskSpec spec, Tell tell) = 0;
  // TaskAttached and some day TaskExited; or TaskExited, TaskNeverStarted or TaskLost.
  virtual std::unique_ptr<RunningTask> attach(TaskSpec spec, const core::json::Raw& handle, Tell tell) = 0;
};

}  // namespace agent::client
