// SPDX-License-Identifier: MPL-2.0
#include "agent/config_keys.h"

namespace agent::config {

using net::secure::Credentials;
using net::secure::Keyring;

core::Result<std::shared_ptr<Credentials>> server_credentials(const Config& config) {
  const auto& given = config.server.rpc_key.empty() ? config.server.encrypt : config.server.rpc_key;
  if (given.empty()) return std::shared_ptr<Credentials>();
  TRY(const auto key, net::secure::parse_key(given.text));
  return std::make_shared<Credentials>(Credentials::of_server(Keyring(key)));
}

core::Result<std::shared_ptr<Credentials>> client_credentials(const Config& config) {
  if (!config.client.rpc_key.empty()) {
    TRY(const auto key, net::secure::parse_key(config.client.rpc_key.text));
    return std::make_shared<Credentials>(Credentials::of_client(key));
  }
  if (!config.server.enabled) return std::shared_ptr<Credentials>();
  TRY(const auto server, server_credentials(config));
  if (server == nullptr) return std::shared_ptr<Credentials>();
  return std::make_shared<Credentials>(Credentials::of_client(net::secure::client_key_of(server->keys().primary())));
}

}  // namespace agent::config
