// SPDX-License-Identifier: MPL-2.0
// From fork to exec: what happens in the new process before it is the task.
//
// An isolated task is not the first process of its namespace: that one stays ours. It hands signals
// on, because the kernel keeps from a namespace's first process every signal it does not handle, and
// it collects what the task leaves behind.
#pragma once

#include "agent/client/executor/cgroup.h"
#include "agent/client/executor/posix.h"
#include "agent/client/executor/wire.h"

namespace agent::client {

struct ChildPipes {  // all closed on exec
  int gate = -1;     // one byte: go. Its end: the supervisor is gone, do not
  int report = -1;   // why the task could not be started; its end: it was
  int status = -1;   // of an isolated task: its wait status
  int out = -1;      // stdout and stderr
  int err = -1;
};

// Never returns. `cgroup`: to be in before the task's first instruction; may be null. `supervisor`: the
// pid of the process that forked, for tasks that share its process ids.
[[noreturn]] void become_task(const Launch& launch, const ChildPipes& pipes, const Cgroup* cgroup, int supervisor);

// Where a command is: below the task's directory (local/, then itself), as an absolute path, or in
// `path` (as $PATH is written). What is found in the task's directory is made executable.
core::Result<std::string> find_command(const std::string& command, const std::string& task_dir, std::string_view path);

}  // namespace agent::client
