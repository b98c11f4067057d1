// SPDX-License-Identifier: MPL-2.0
// One task's supervisor: a process that starts the task, owns its control group and namespaces, moves
// its output into log files, stops it when told, and records how it ended. It outlives the agent, and
// the task does not outlive it: when it dies the kernel kills the task.
//
// It lives in little memory: no thread, no timer, no heap to speak of while the task runs.
#pragma once

#include "agent/client/executor/cgroup.h"
#include "agent/client/executor/posix.h"

namespace agent::client {

// Runs until the task has ended. `agent`: a connected unix socket on which a Launch comes first.
// `lock`: held open while we live, so that others can see that we do. `tree`: this host's, looked up
// once for all supervisors. Returns the process's status.
int supervise(posix::Descriptor agent, posix::Descriptor lock, const CgroupTree& tree);

// Of the calling process, which has a single thread.
std::vector<int> children();

// Starting has touched far more code than waiting needs. The pages are the binary's own, shared and
// unchanged: the kernel maps those that are needed again.
void let_go_of_code();

}  // namespace agent::client
