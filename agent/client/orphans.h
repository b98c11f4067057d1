// SPDX-License-Identifier: MPL-2.0
// Tasks that nobody watches over any more: their supervisor was killed, or the agent's memory of them
// was lost or damaged. Nothing of them may go on running.
#pragma once

#include <set>
#include <string>

#include "core/base/id.h"
#include "core/base/log.h"

namespace agent::client {

// Tells the supervisor of this control directory, if one lives, to end its task at once.
// Errc::not_found: none lives there.
core::Status end_supervised(const std::string& control_dir);

// Kills what is left of a task whose supervisor is gone. The kernel killed the task when that died, but
// not what the task had started: that is found by its process group, and by its control group if it
// had one. Killing takes a moment: false while there may be something left, and it is to be called again.
bool end_leftovers(const std::string& control_dir, const std::string& cgroup);

// Ends every task below `control_root` whose allocation is not among `known`, with its supervisor or
// without. Their files stay.
void end_orphans(const std::string& control_root, const std::set<core::AllocId>& known, core::Logger& log);

}  // namespace agent::client
