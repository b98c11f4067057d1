// SPDX-License-Identifier: MPL-2.0
// What a server says of itself in gossip, under the names that Nomad's tools read; and members as the API
// shows them.
#pragma once

#include <optional>
#include <string>

#include "core/base/id.h"
#include "core/gossip/member_table.h"

namespace agent::server {

struct ServerTags {
  std::string region, datacenter, build;
  core::ServerId id;
  std::string rpc_host;  // where its RPC is reached
  std::uint16_t rpc_port = 0;
  std::uint64_t expect = 0;  // bootstrap_expect

  std::string rpc_address() const;
};

core::gossip::Tags to_tags(const ServerTags& server);
// Nothing: the member is no server of ours.
std::optional<ServerTags> server_in(const core::gossip::Member& member);

// One member, and an array of all.
std::string member_json(const core::gossip::Member& member);
std::string members_json(const core::gossip::MemberTable& members);

}  // namespace agent::server
