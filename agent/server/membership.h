// SPDX-License-Identifier: MPL-2.0
// What operators want of the servers themselves: one less, or another leader. The leader carries it out; a
// server that does not lead passes it on, once.
#pragma once

#include "agent/server/raft_wire.h"
#include "agent/server/server_driver.h"
#include "core/server/peer_api.h"
#include "net/rpc/client_pool.h"
#include "net/rpc/dispatcher.h"
#include "net/uv/lifetime.h"

namespace agent::server {

class Membership {
 public:
  // All outlive it.
  Membership(ServerDriver& driver, net::rpc::ClientPool& pool, RaftWire& wire, core::ServerId self)
      : driver_(driver), pool_(pool), wire_(wire), self_(std::move(self)) {}

  // Answered once it is committed. Errors: no_leader, not_found (no such server), busy (another change is
  // under way), unavailable.
  void remove(core::server::RemoveServer which, net::uv::Done<core::Unit> done);
  // Answered when the other leads, or does not within an election timeout. Errors as above, and timeout.
  void hand_over(core::server::HandOver ask, net::uv::Done<core::server::HandedOver> done);
  // Takes what other servers pass on.
  void serve(net::rpc::Dispatcher& dispatcher);

 private:
  template <class Answer, class Ask>
  void pass_on(Ask ask, net::uv::Done<Answer> done);
  // The server meant. Errc::not_found in Nomad's words.
  core::Result<core::raft::Peer> find(const core::server::ServerName& name) const;

  ServerDriver& driver_;
  net::rpc::ClientPool& pool_;
  RaftWire& wire_;
  core::ServerId self_;
  net::uv::Lifetime lifetime_;
};

}  // namespace agent::server
