// SPDX-License-Identifier: MPL-2.0
// The regions as gossip knows them, and the way to the others: a request for one of them is answered by a
// server of it that lives. One connection a region is used as long as it works; it takes any number of requests.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/server/gossip_host.h"
#include "net/relay/asker.h"
#include "net/rpc/client_pool.h"

namespace agent::server {

class Regions {
 public:
  // `gossip` outlives it. `options`: how this server, of region `own`, presents itself to the others.
  Regions(net::uv::Loop& loop, const GossipHost& gossip, std::string own, net::rpc::PoolOptions options, core::Rng rng)
      : gossip_(gossip), own_(std::move(own)), rng_(rng.fork()), pool_(loop, std::move(options), rng.fork()) {}

  // Those with servers that live, and our own: in order of name.
  std::vector<std::string> names() const;
  // Errors in Nomad's words where it has some: "No path to region".
  void pass_on(const std::string& region, const net::http::Request& request, const net::http::Responder& responder, net::relay::Hooks hooks);
  // What waits for a server that failed or left is asked of another, if it may be.
  void heard(const core::gossip::MemberEvent& event);

 private:
  // `again`: the request, if it may be asked of the servers that live when all of these are lost.
  void ask(const std::string& region, const net::http::Request& request, const net::http::Responder& responder, net::relay::Hooks hooks,
           const std::shared_ptr<const net::http::Request>& again);
  std::vector<net::uv::Address> servers_of(const std::string& region);

  const GossipHost& gossip_;
  std::string own_;
  core::Rng rng_;
  net::rpc::ClientPool pool_;
};

}  // namespace agent::server
