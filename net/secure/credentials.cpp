// SPDX-License-Identifier: MPL-2.0
#include "net/secure/credentials.h"

#include <sodium.h>

#include <algorithm>

namespace net::secure {

Credentials::Credentials(const Key& client) : keys_(client), clients_{client} {}
Credentials::Credentials(const Keyring& cluster) : keys_(cluster) {
  for (const auto& key : cluster.keys()) clients_.push_back(client_key_of(key));
  for (const auto& key : clients_) keys_.add(key);
}

core::Result<Rank> Credentials::rank_of(const Key& key) const {
  const auto among = [&](const std::vector<Key>& keys) { return std::find(keys.begin(), keys.end(), key) != keys.end(); };
  if (!among(keys_.keys())) return core::Error{core::Errc::denied, "the key that the peer proved to hold is no longer one of ours"};
  return among(clients_) ? Rank::client : Rank::server;
}

Key client_key_of(const Key& cluster) {
  constexpr std::string_view kContext = "nomad key of clients 1";
  std::array<unsigned char, kKeyBytes> raw{};
  crypto_generichash(raw.data(), raw.size(), reinterpret_cast<const unsigned char*>(kContext.data()), kContext.size(), cluster.data(), kKeyBytes);
  Key key(raw);
  sodium_memzero(raw.data(), raw.size());
  return key;
}

}  // namespace net::secure
