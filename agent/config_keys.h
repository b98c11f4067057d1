// SPDX-License-Identifier: MPL-2.0
// What this agent proves itself with on RPC connections. Null: its cluster has no key, and nothing is encrypted.
#pragma once

#include <memory>
#include <optional>

#include "agent/config.h"
#include "net/secure/credentials.h"

namespace agent::config {

// `rpc_key`, or else the keys of gossip, if there are any.
core::Result<std::shared_ptr<net::secure::Credentials>> server_credentials(const Config& config, const std::optional<net::secure::Keyring>& gossip);
// `rpc_key` of the client, or else what the server on this agent has, so that it changes with that; null: no server.
core::Result<std::shared_ptr<const net::secure::Credentials>> client_credentials(const Config& config,
                                                                                 std::shared_ptr<const net::secure::Credentials> own_server);

}  // namespace agent::config
