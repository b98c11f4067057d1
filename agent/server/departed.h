// SPDX-License-Identifier: MPL-2.0
// Whom gossip says to take out of Raft's configuration: who left. One that only failed is none of them.
#pragma once

#include <optional>

#include "core/base/id.h"
#include "core/gossip/member_table.h"
#include "core/raft/types.h"

namespace agent::server {

// One of them that is still in it; nothing if there is none.
std::optional<core::ServerId> departed(const core::gossip::MemberTable& members, const core::raft::Configuration& configuration);

}  // namespace agent::server
