// SPDX-License-Identifier: MPL-2.0
// How a server finds its cluster from a list of addresses (server { static_peers = [...] }).
//
//   greet everybody ─> somebody belongs to a cluster ──────> ask to be taken in, or to be known by
//                  │                                          our new address
//                  └─> `bootstrap_expect` servers, all new ─> begin one together
//
// Greets until this server is in the configuration under its own address, ever more rarely. Servers
// that begin a cluster together write the same first entry, so it does not matter which of them does.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "agent/server/raft_wire.h"
#include "agent/server/server_driver.h"
#include "core/server/peer_api.h"
#include "net/rpc/client_pool.h"
#include "net/rpc/dispatcher.h"
#include "net/uv/lifetime.h"
#include "net/uv/resolver.h"
#include "net/uv/timer.h"

namespace agent::server {

class Formation {
 public:
  struct Options {
    core::ServerId self;
    std::string address;             // ours, as others should dial it
    std::uint64_t expect = 0;        // servers that begin a cluster; 0: only ever join one
    std::vector<std::string> peers;  // host:port; may contain ourselves
  };

  // `driver`, `pool` and `wire` outlive it.
  Formation(net::uv::Loop& loop, ServerDriver& driver, net::rpc::ClientPool& pool, RaftWire& wire, Options options,
            core::Logger logger);

  // Answers greetings and takes servers in.
  void serve(net::rpc::Dispatcher& dispatcher);

 private:
  void round();
  void greet(const std::string& peer);
  void greet(const net::uv::Address& address);
  void met(const core::server::Greeting& greeting, const net::uv::Address& address);
  // We are in the configuration, under the address we have.
  bool settled() const;
  bool founded() const;
  core::server::Greeting greeting() const;
  void try_bootstrap();
  void ask_to_join(const net::uv::Address& member);
  void take_in(const core::server::JoinCluster& who, const net::rpc::Reply& reply);
  void pass_on(core::server::JoinCluster who, const net::rpc::Reply& reply);

  net::uv::Loop& loop_;
  ServerDriver& driver_;
  net::rpc::ClientPool& pool_;
  RaftWire& wire_;
  Options options_;
  core::Logger log_;
  std::map<core::ServerId, core::server::Greeting> met_;
  std::map<std::string, net::uv::Resolve> lookups_;  // of this round
  bool joining_ = false;
  core::Duration pause_;
  net::uv::Timer timer_;
  net::uv::Lifetime lifetime_;
};

}  // namespace agent::server
