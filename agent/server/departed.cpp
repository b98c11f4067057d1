// SPDX-License-Identifier: MPL-2.0
#include "agent/server/departed.h"

#include "agent/server/server_tags.h"

namespace agent::server {

std::optional<core::ServerId> departed(const core::gossip::MemberTable& members, const core::raft::Configuration& configuration) {
  std::optional<core::ServerId> gone;
  members.for_each([&](const core::gossip::Member& member) {
    const auto server = server_in(member);
    if (member.condition == core::gossip::Condition::left && server && configuration.find(server->id) != nullptr) gone = server->id;
  });
  return gone;
}

}  // namespace agent::server
