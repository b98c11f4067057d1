// SPDX-License-Identifier: MPL-2.0
#include "agent/config_keys.h"

namespace agent::config {

using net::secure::Credentials;
using net::secure::Keyring;

MaybeKeyed<Keyring> rpc_keys(const Config& config, const std::optional<Keyring>& gossip) {
  if (config.server.rpc_key.empty()) return gossip;
  std::optional<Keyring> out;
  for (const auto& text : config.server.rpc_key.texts) {
    TRY(const auto key, net::secure::parse_key(text));
    if (out) out->add(key);
    else out.emplace(key);
  }
  return out;
}

MaybeKeyed<Credentials> client_credentials(const Config& config) {
  if (config.client.rpc_key.empty()) return std::optional<Credentials>();
  TRY(const auto key, net::secure::parse_key(config.client.rpc_key.text));
  return std::optional(Credentials::of_client(key));
}

}  // namespace agent::config
