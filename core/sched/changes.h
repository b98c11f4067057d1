// SPDX-License-Identifier: MPL-2.0
// Must an allocation be replaced to follow its job, or can the running one take the new version on?
#pragma once

#include <string_view>

#include "core/model/job.h"

namespace core::sched {

// True when anything differs that running tasks cannot take on: tasks, their driver, config,
// environment or resources, the group's disk or ports, what decides where it may run best. Ports that
// were allocated do not count. A group that one of the jobs lacks differs.
bool needs_replacement(const model::Job& before, const model::Job& after, std::string_view group);

}  // namespace core::sched
