// SPDX-License-Identifier: MPL-2.0
// What a task's processes use, from their control group or by walking /proc.
#pragma once

#include "agent/client/drivers/driver.h"
#include "agent/client/executor/cgroup.h"

namespace agent::client {

// The process and all its descendants. Errc::not_found when it is gone.
core::Result<TaskUse> use_of_tree(std::int32_t pid);
core::Result<TaskUse> use_of_cgroup(const Cgroup& group);

}  // namespace agent::client
