// SPDX-License-Identifier: MPL-2.0
// What this agent proves itself with on RPC connections, as its configuration says. Null: its cluster has no key,
// and nothing is encrypted.
#pragma once

#include <memory>

#include "agent/config.h"
#include "net/secure/credentials.h"

namespace agent::config {

// `rpc_key`, or else the key of gossip.
core::Result<std::shared_ptr<net::secure::Credentials>> server_credentials(const Config& config);
// `rpc_key` of the client; a server's own client needs none.
core::Result<std::shared_ptr<net::secure::Credentials>> client_credentials(const Config& config);

}  // namespace agent::config
