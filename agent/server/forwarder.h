// SPDX-License-Identifier: MPL-2.0
// Commands, wherever the leader is: carried out here while this server leads, else sent to the server
// that does. While nobody leads they are held, and tried again until their time is up.
//
// A command whose answer was lost on the way may have happened. It carries a request id, so that it is
// asked for again and still happens once: the state gives the first outcome to whoever repeats the id
// (core/model/request.h). Only when the time is up is its fate unknown. Reports of clients and heartbeats
// carry none: their senders repeat them, newer.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <vector>

#include "agent/server/raft_wire.h"
#include "agent/server/server_driver.h"
#include "core/base/request_ids.h"
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

  // `driver`, `pool` and `wire` outlive it. `rng` draws where request ids begin: no two servers may draw the same.
  Forwarder(net::uv::Loop& loop, ServerDriver& driver, net::rpc::ClientPool& pool, RaftWire& wire, core::Rng rng);
  ~Forwarder();

  // Carries out what other servers forward to this one.
  void serve(net::rpc::Dispatcher& dispatcher);
  void submit(core::server::Command command, ServerDriver::AnswerDone done);
  // To be told whenever another server leads than before: what is held goes there, and so does what waits
  // for an answer of the one before.
  void leader_changed();
  // Calls `done` as soon as no command of this server waits for an answer, maybe at once.
  void when_idle(std::function<void()> done);

 private:
  struct Asked;
  using AskedPtr = std::shared_ptr<Asked>;  // waits in held_, or with the call that carries it out
  void attempt(const AskedPtr& asked);
  void send(const AskedPtr& asked, const core::ServerId& leader, const net::uv::Address& address);
  void settle(const AskedPtr& asked, core::Result<core::server::Answer> answer);
  void later(const AskedPtr& asked);
  void retry_held();
  void finish(const AskedPtr& asked, core::Result<core::server::Answer> answer);
  void carry_out(core::ByteView body, const net::rpc::Reply& reply);

  net::uv::Loop& loop_;
  ServerDriver& driver_;
  net::rpc::ClientPool& pool_;
  RaftWire& wire_;
  core::RequestIds ids_;
  std::vector<AskedPtr> held_;
  std::set<AskedPtr> away_;  // another server is to answer
  std::size_t open_ = 0;     // commands without an answer
  std::function<void()> idle_;
  net::uv::Timer retry_;
  net::uv::Lifetime lifetime_;
};

}  // namespace agent::server
