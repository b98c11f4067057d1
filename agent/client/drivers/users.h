// SPDX-License-Identifier: MPL-2.0
// Users of this host by name or number. Looked up in the agent, because a supervisor is too small to
// load what the host resolves names with.
#pragma once

#include <string>

#include "agent/client/executor/wire.h"

namespace agent::client {

// Errc::not_found: no such user. A number needs no entry; its group is then the same number.
core::Result<Identity> find_user(const std::string& name);

}  // namespace agent::client
