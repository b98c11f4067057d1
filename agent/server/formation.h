// SPDX-License-Identifier: MPL-2.0
// How a server that knows addresses of others becomes part of their cluster. The addresses are those of
// server { static_peers = [...] } and of the servers that gossip found in the region.
//
//   greet everybody ─> somebody belongs to a cluster ──────> ask to be taken in, or to be known by
//                  │                                          our new address
//                  └─> `bootstrap_expect` servers, all new ─> begin one together
//
// Greets until this server is in the configuration under its own address, ever more rarely. A server that was
// taken out is not told so by Raft; it learns of it from the answers of those it still takes for its peers, and
// asks to be taken in again. Servers
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

  // Greets the server at this "host:port", too; the other way round, leaves it alone from now on.
  void add(const std::string& peer);
  void forget(const std::string& peer);
  // Answers greetings and takes servers in.
  void serve(net::rpc::Dispatcher& dispatcher);

 private:
  void round();
  void greet(const std::string& peer);
  void greet(const net::uv::Address& address);
  void met(const core::server::Greeting& greeting, const net::uv::Address& address);
  // We are in the configuration, under the address we have, and nobody of it says otherwise.
  bool settled() const;
  bool in_configuration(const core::ServerId& id, const std::string& address) const;
  bool founded() const;
  core::server::Greeting greeting() const;
  core::server::Greeting answer_to(const core::server::Greeting& asker) const;
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
  bool taken_out_ = false;  // a server of our configuration has another one, without us
  core::Duration pause_;
  net::uv::Timer timer_;
  net::uv::Lifetime lifetime_;
};

}  // namespace agent::server
