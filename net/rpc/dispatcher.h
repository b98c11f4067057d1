// SPDX-License-Identifier: MPL-2.0
// Which handler answers which method, and which roles may ask for it.
#pragma once

#include <functional>
#include <vector>

#include "net/rpc/reply.h"

namespace net::rpc {

// A set of roles: one bit each.
using Roles = unsigned;
constexpr Roles bit(Role role) { return 1u << static_cast<unsigned>(role); }
inline constexpr Roles kServers = bit(Role::server);
inline constexpr Roles kClients = bit(Role::client);
inline constexpr Roles kAgents = kServers | kClients;
inline constexpr Roles kAnyone = kAgents | bit(Role::cli);  // of this cluster
inline constexpr Roles kNeighbours = bit(Role::neighbour);

class Dispatcher {
 public:
  using OnRequest = std::function<void(Inbound)>;
  using OnNotice = std::function<void(core::ByteView body, const Peer&)>;

  // REQUIRES: no handler for this method yet.
  void on_request(Method method, Roles allowed, OnRequest handler);
  void on_notice(Method method, Roles allowed, OnNotice handler);

  // Errc::unsupported for an unknown method, denied for a role that may not.
  void request(Inbound inbound) const;
  // Unknown or forbidden notices are dropped: there is nobody to tell.
  void notice(Method method, core::ByteView body, const Peer& peer) const;

 private:
  struct Entry {
    Roles allowed = 0;
    OnRequest on_request;
    OnNotice on_notice;
  };
  Entry& entry(Method method);
  const Entry* find(Method method) const;

  std::vector<Entry> entries_;  // by method: they are small numbers
};

}  // namespace net::rpc
