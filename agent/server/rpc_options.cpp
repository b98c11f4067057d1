// SPDX-License-Identifier: MPL-2.0
#include "agent/server/rpc_options.h"

#include <chrono>
#include <utility>

#include "core/base/version.h"
#include "net/uv/interfaces.h"

namespace agent::server {
namespace {

// A server that comes back is heard of within a heartbeat or two.
constexpr core::Duration kPeerBackoffMax = std::chrono::seconds(1);
// A connection that is begun while the network is cut is not waited for when it is back.
constexpr core::Duration kPeerDialTimeout = std::chrono::seconds(2);

net::rpc::Hello own_hello(const config::Config& config) {
  return {.role = net::rpc::Role::server, .cluster = config.region, .name = config.node_name + "." + config.region,
          .version = std::string(core::kVersion)};
}

}  // namespace

net::uv::Address rpc_address(const config::Config& config) {
  const auto& ip = config.addresses.rpc.empty() ? config.bind_addr : config.addresses.rpc;
  return {ip, static_cast<std::uint16_t>(config.ports.rpc)};
}

std::string advertised_rpc(const config::Config& config) {
  if (!config.advertise.rpc.empty()) return config.advertise.rpc;
  const auto bound = rpc_address(config);
  return net::uv::to_string({net::uv::reachable_ip(bound.ip), bound.port});
}

std::shared_ptr<net::secure::Credentials> server_credentials(const std::optional<net::secure::Keyring>& keys) {
  return keys ? std::make_shared<net::secure::Credentials>(net::secure::Credentials::of_server(*keys)) : nullptr;
}

net::rpc::PoolOptions peer_options(const config::Config& config, Credentials credentials) {
  net::rpc::PoolOptions options;
  options.credentials = std::move(credentials);
  options.hello = own_hello(config);
  options.backoff_max = kPeerBackoffMax;
  options.dial_timeout = kPeerDialTimeout;
  return options;
}

net::rpc::ServerOptions listener_options(const config::Config& config, Credentials credentials) {
  net::rpc::ServerOptions options;
  options.credentials = std::move(credentials);
  options.hello = own_hello(config);
  options.connections_per_address_max = static_cast<std::size_t>(config.limits.rpc_max_conns_per_client.value_or(100));
  options.handshake_timeout = config::limit_of(config.limits.rpc_handshake_timeout);
  return options;
}

net::rpc::PoolOptions neighbour_options(const config::Config& config, Credentials credentials) {
  auto options = peer_options(config, std::move(credentials));
  options.hello.role = net::rpc::Role::neighbour;
  return options;
}

}  // namespace agent::server
