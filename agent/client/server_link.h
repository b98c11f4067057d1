// SPDX-License-Identifier: MPL-2.0
// A client's way to its servers: what core::client asks for, over RPC, with the answers as its inputs.
// A watch that ends is reported and not begun again by itself; core::client decides.
//
// Servers tell the client of all servers there are. It turns to them in an order of its own, drawn at random, so that
// clients spread: to the first that can be reached. Those of the configuration come behind them, for when all others are
// lost, and those that discovery found come last.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/client/server_names.h"
#include "core/base/log.h"
#include "core/client/io.h"
#include "core/model/node.h"
#include "net/rpc/client_pool.h"
#include "net/rpc/dispatcher.h"
#include "net/uv/address.h"
#include "net/uv/loop.h"

namespace agent::client {

class ServerLink {
 public:
  using Tell = std::function<void(core::client::Input)>;

  // `credentials` null: not encrypted.
  ServerLink(net::uv::Loop& loop, std::string region, std::shared_ptr<const net::secure::Credentials> credentials, core::Rng rng, Tell tell,
             core::Logger logger);

  // The node as it is now: who asks, and what is registered.
  void set_node(core::model::Node node) { node_ = std::move(node); }
  void send(const core::client::Request& request);
  // Marks this node down, for a graceful leave.
  void mark_down(net::uv::Done<core::Unit> done);

  // By address or name; Errc::invalid for what is neither. What servers told and what was found is forgotten.
  core::Status set_servers(const std::vector<std::string>& servers);
  // Somebody who is no server says that these may be some. Replaces those found before, if all are addresses or names.
  core::Status found(const std::vector<std::string>& servers) { return found_.set(servers); }
  // Their addresses as far as they are known; those that are connected come first.
  std::vector<net::uv::Address> servers() const;
  net::rpc::ClientPool& pool() { return pool_; }

 private:
  template <class Request>
  void call(const Request& request, net::uv::Done<core::Bytes> done);
  void on(const core::client::Register& request);
  void on(const core::client::Heartbeat& request);
  void on(const core::client::Watch& request);
  void on(const core::client::Fetch& request);
  void on(const core::client::Report& report);

  void learn(core::ByteView notice, const net::uv::Address& from);
  void settle();

  net::uv::Loop& loop_;
  core::Rng rng_;
  Tell tell_;
  core::model::Node node_;
  ServerNames names_;    // as configured
  ServerNames learned_;  // as servers told, in our order
  ServerNames found_;
  std::vector<std::string> told_;
  std::vector<net::uv::Address> left_;  // connections to them are closed once nothing is asked over them
  bool moving_ = false;  // to the first that can be reached
  core::Instant move_at_{};
  std::vector<std::function<void()>> unsent_;  // until an address is known
  net::rpc::Dispatcher dispatcher_;
  net::rpc::ClientPool pool_;
  net::rpc::CallId watch_ = 0;
};

}  // namespace agent::client
