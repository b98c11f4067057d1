// SPDX-License-Identifier: MPL-2.0
// Commands, wherever the leader is: carried out here while this server leads, else sent to the server
// that does. While nobody leads they are held, and tried again until their time is up.
//
// A command whose answer was lost on the way is not sent again: it may have happened, and its asker is
// told so (Errc::unknown_fate).
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "agent/server/raft_wire.h"
#include "agent/server/server_driver.h"
#include "core/server/command_wire.h"
#include "net/rpc/client_pool.h"
#include "net/rpc/dispatcher.h"
#include "net/uv/lifetime.h"
#include "net/uv/timer.h"

namespace agent::server {

class Forwarder {
 public:
  // How long a command waits for a leader before it is refused: Nomad's RPCHoldTimeout.
  static constexpr core::Duration kHold = std::chrono::seconds(5);

  // `driver`, `pool` and `wire` outlive it.
  Forwarder(net::uv::Loop& loop, ServerDriver& driver, net::rpc::ClientPool& pool, RaftWire& wire);

  // Carries out what other servers forward to this one.
  void serve(net::rpc::Dispatcher& dispatcher);
  void submit(core::server::Command command, ServerDriver::AnswerDone done);

 private:
  struct Asked;
  using AskedPtr = std::shared_ptr<Asked>;  // waits in held_, or with the call that carries it out
  void attempt(const AskedPtr& asked);
  void later(const AskedPtr& asked);
  void retry_held();
  void carry_out(core::ByteView body, const net::rpc::Reply& reply);

  net::uv::Loop& loop_;
  ServerDriver& driver_;
  net::rpc::ClientPool& pool_;
  RaftWire& wire_;
  std::vector<AskedPtr> held_;
  net::uv::Timer retry_;
  net::uv::Lifetime lifetime_;
};

}  // namespace agent::server
