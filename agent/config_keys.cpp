// SPDX-License-Identifier: MPL-2.0
#include "agent/config_keys.h"

#include <utility>

namespace agent::config {

using net::secure::Credentials;
using net::secure::Keyring;

core::Result<std::shared_ptr<Credentials>> server_credentials(const Config& config, const std::optional<Keyring>& gossip) {
  if (!config.server.rpc_key.empty()) {
    TRY(const auto key, net::secure::parse_key(config.server.rpc_key.text));
    return std::make_shared<Credentials>(Credentials::of_server(Keyring(key)));
  }
  if (!gossip) return std::shared_ptr<Credentials>();
  return std::make_shared<Credentials>(Credentials::of_server(*gossip));
}

core::Result<std::shared_ptr<const Credentials>> client_credentials(const Config& config, std::shared_ptr<const Credentials> own_server) {
  if (config.client.rpc_key.empty()) return own_server;
  TRY(const auto key, net::secure::parse_key(config.client.rpc_key.text));
  return std::shared_ptr<const Credentials>(std::make_shared<Credentials>(Credentials::of_client(key)));
}

}  // namespace agent::config
