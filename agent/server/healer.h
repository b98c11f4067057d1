// SPDX-License-Identifier: MPL-2.0
// Mends a running server's log where it turns out damaged: entries are fetched from the other servers and
// written where they were. What nobody has is stood for by a snapshot of the state, which holds it applied.
// The server goes on meanwhile: Raft needs entries that old only for servers far behind, and sends those a
// snapshot when they cannot be read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/server/mender.h"
#include "agent/server/raft_wire.h"
#include "agent/server/server_driver.h"
#include "net/rpc/client_pool.h"
#include "net/uv/lifetime.h"

namespace agent::server {

class Healer {
 public:
  // All outlive it. `directory` is the server's.
  Healer(net::uv::Loop& loop, store::Env& env, std::string directory, ServerDriver& driver, net::rpc::ClientPool& pool, RaftWire& wire,
         core::ServerId self, core::Logger logger);

  // The log could not be read somewhere. Does nothing while that is being looked into, or was in vain
  // shortly before.
  void heal(const core::Error& what);

 private:
  void look();
  void ask(std::size_t nth);
  void answered(std::size_t nth, const net::uv::Address& by, const core::Result<core::Bytes>& body);
  void fill(std::size_t nth, const net::uv::Address& by);
  void nobody();
  void rest(core::Duration pause);

  net::uv::Loop& loop_;
  store::Env& env_;
  std::string directory_;
  ServerDriver& driver_;
  net::rpc::ClientPool& pool_;
  RaftWire& wire_;
  core::ServerId self_;
  core::Logger log_;
  bool busy_ = false;
  core::Instant not_before_{};
  std::optional<HoleEntries> hole_;
  std::vector<core::ServerId> others_;  // to be asked
  net::uv::Lifetime lifetime_;
};

}  // namespace agent::server
