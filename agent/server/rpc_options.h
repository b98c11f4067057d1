// SPDX-License-Identifier: MPL-2.0
// Where a server listens for RPC, and how it presents itself to others: the same while it runs and while
// it mends its directory.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "agent/config.h"
#include "net/rpc/client_pool.h"
#include "net/rpc/server.h"
#include "net/uv/address.h"

namespace agent::server {

net::uv::Address rpc_address(const config::Config& config);
// Where others reach it: "host:port".
std::string advertised_rpc(const config::Config& config);
// What a server with these keys proves itself with; null without any: nothing is encrypted.
std::shared_ptr<net::secure::Credentials> server_credentials(const std::optional<net::secure::Keyring>& keys);
using Credentials = std::shared_ptr<const net::secure::Credentials>;
// For the port that clients and other servers connect to.
net::rpc::ServerOptions listener_options(const config::Config& config, Credentials credentials);
// For connections to other servers: of the region, and of other regions.
net::rpc::PoolOptions peer_options(const config::Config& config, Credentials credentials);
net::rpc::PoolOptions neighbour_options(const config::Config& config, Credentials credentials);

}  // namespace agent::server
