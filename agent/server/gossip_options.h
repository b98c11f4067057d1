// SPDX-License-Identifier: MPL-2.0
// From the configuration to gossip: who we say we are and where we listen. The keys are the keyring's file's.
#pragma once

#include "agent/config.h"
#include "agent/server/gossip_host.h"
#include "core/base/id.h"
#include "net/uv/address.h"

namespace agent::server {

// `rpc`: where others reach our RPC, "host:port". Errors: an address to advertise that is not numeric, a name
// or tags that are too long.
core::Result<GossipHost::Options> gossip_options(const config::Config& config, const core::ServerId& id, const std::string& rpc);

}  // namespace agent::server
