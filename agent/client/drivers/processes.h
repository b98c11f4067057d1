// SPDX-License-Identifier: MPL-2.0
// What raw_exec and exec have in common: from a task's description to a supervisor's Launch.
#pragma once

#include "agent/client/drivers/driver.h"
#include "agent/client/drivers/task_config.h"
#include "agent/client/executor/wire.h"
#include "net/uv/loop.h"

namespace agent::client {

// Command, arguments, environment, logs and user; what isolates is left to the driver. The error's
// text is for people. `driver` is named in "missing command for exec driver".
core::Result<Launch> launch_of(const TaskSpec& spec, std::string_view driver);
// The name of a task's control group below "nomad/".
std::string cgroup_name(const core::client::TaskId& id);
// A task that is not there: gives its one answer once the caller has returned.
std::unique_ptr<RunningTask> not_running(net::uv::Loop& loop, core::client::Input answer, Tell tell);
// The same with TaskStartFailed. `invalid`: the task's description is at fault.
std::unique_ptr<RunningTask> refuse(net::uv::Loop& loop, const TaskSpec& spec, core::Error error, bool invalid, Tell tell);

}  // namespace agent::client
