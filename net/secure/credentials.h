// SPDX-License-Identifier: MPL-2.0
// What an agent proves itself with on connections, and whom it believes.
//
// Servers hold the cluster's keys. From each of them follows a key for clients, by a hash that does not lead back:
// a host that holds only that one can pass for a client, never for a server. (It could pass for a server towards
// other clients: what they share proves no more.)
#pragma once

#include "net/secure/keys.h"

namespace net::secure {

// Whom a key makes of its holder. A server may also ask what clients ask.
enum class Rank { server, client };

// Others may be assigned while it is in use: they are for connections made from then on.
class Credentials {
 public:
  // Proves itself with the primary key; believes holders of any, and of the clients' keys that follow from them.
  static Credentials of_server(const Keyring& cluster) { return Credentials(cluster); }
  // `key`: as client_key_of() gives it to those who hold a cluster key.
  static Credentials of_client(const Key& key) { return Credentials(key); }

  // The primary proves who we are; all of them are believed.
  const Keyring& keys() const { return keys_; }
  // Errc::denied: none of keys(), or no longer.
  core::Result<Rank> rank_of(const Key& key) const;

  friend bool operator==(const Credentials&, const Credentials&) = default;

 private:
  explicit Credentials(const Keyring& cluster);
  explicit Credentials(const Key& client);

  Keyring keys_;
  std::vector<Key> clients_;
};

// What a client of a cluster with this key is given.
Key client_key_of(const Key& cluster);

}  // namespace net::secure
