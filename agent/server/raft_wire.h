// SPDX-License-Identifier: MPL-2.0
// Raft's messages between processes: each is one notice over the connection that its sender dialed, so
// that messages to one peer keep their order. What cannot be sent is dropped, for Raft sends again; only the
// newest message to a peer waits until it is connected. Followers first speak to each other when their leader
// is gone, and a vote that was asked for again an election timeout later would take that much longer.
//
// Peers are known by id; where they are is read from the configuration in force, and names in it are
// resolved when first needed and again after a connection was lost. Who is not in it, as everybody is for
// a server that has no configuration yet, is answered where it said it can be reached.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/base/log.h"
#include "core/raft/io.h"
#include "net/rpc/client_pool.h"
#include "net/rpc/dispatcher.h"
#include "net/uv/lifetime.h"
#include "net/uv/loop.h"
#include "net/uv/resolver.h"

namespace agent::server {

class RaftWire {
 public:
  struct Hooks {
    std::function<void(core::raft::Received)> on_received;
    std::function<void(const core::ServerId&)> on_unreachable;  // its connection broke, or could not be made
  };

  // `address` is where others reach us. `pool` outlives the wire; its on_up and on_down are taken over.
  RaftWire(net::uv::Loop& loop, net::rpc::ClientPool& pool, core::ServerId self, std::string address, Hooks hooks, core::Logger logger);

  // Takes in what other servers send.
  void serve(net::rpc::Dispatcher& dispatcher);
  // Where the peers are from now on.
  void use(const core::raft::Configuration& configuration);
  void send(const core::raft::Envelope& envelope);
  // The address of a peer as it is dialed; nothing if it is unknown or not resolved yet.
  std::optional<net::uv::Address> find(const core::ServerId& id);

 private:
  struct Place {
    std::string text;  // as the configuration has it
    std::optional<net::uv::Address> address;
    std::optional<net::uv::Resolve> lookup;  // under way
    core::Bytes unsent;  // the newest message, if there was no connection for it
  };
  void receive(core::ByteView body);
  Place* look_up(const core::ServerId& id);
  void reached(const net::uv::Address& address);
  void lost(const net::uv::Address& address);
  void resolve(const core::ServerId& id, Place& place);

  net::uv::Loop& loop_;
  net::rpc::ClientPool& pool_;
  core::ServerId self_;
  std::string address_;
  Hooks hooks_;
  core::Logger log_;
  std::map<core::ServerId, Place> places_;    // of the configuration
  std::map<core::ServerId, Place> strangers_;  // others that spoke to us, at most kRaftPeersMax
  net::uv::Lifetime lifetime_;
};

}  // namespace agent::server
