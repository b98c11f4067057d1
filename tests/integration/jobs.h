// SPDX-License-Identifier: MPL-2.0
// Jobs that tests submit, and what tests ask about them.
#pragma once

#include <sys/types.h>

#include <string>

#include "tests/integration/cluster.h"

namespace integration {

// A node is registered and ready.
bool ready(const Agent& agent, int nodes = 1);
// Job files (HCL).
std::string sleeper(const std::string& id, int count = 1, const std::string& resources = "memory = 16");
std::string command_job(const std::string& id, const std::string& command);
// {"Job": ...} of a service (or batch, for "exit ...") with one raw_exec task of `sh -c command`. The
// task's command line carries "<id>-marker".
std::string api_job(const std::string& id, const std::string& command, int disk_mb = 300);
// Client status of the job's newest allocation; empty if it has none.
std::string client_status(const Agent& agent, const std::string& job);
// The process whose command line carries the marker; 0 if there is none.
pid_t task_pid(const std::string& marker);

}  // namespace integration
