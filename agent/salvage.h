// SPDX-License-Identifier: MPL-2.0
// For an operator whose only server refuses a damaged log: gives up what follows the damage, keeps a
// copy of everything. What had been acknowledged behind the damage is lost; see store/log/repair.h.
#pragma once

#include <string>

#include "store/log/repair.h"

namespace agent {

// `data_dir` as the agent's configuration names it. Errors: not_found (no server's log there), in_use
// (an agent runs on it), corrupt, permission, no_space, io.
core::Result<store::log::Salvaged> salvage(const std::string& data_dir);

}  // namespace agent
