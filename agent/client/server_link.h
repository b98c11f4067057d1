// SPDX-License-Identifier: MPL-2.0
// A client's way to its servers: what core::client asks for, over RPC, with the answers as its inputs.
// A watch that ends is reported and not begun again by itself; core::client decides.
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

  // By address or name; Errc::invalid for what is neither.
  core::Status set_servers(const std::vector<std::string>& servers) { return names_.set(servers); }
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

  Tell tell_;
  core::model::Node node_;
  ServerNames names_;
  std::vector<std::function<void()>> unsent_;  // until an address is known
  net::rpc::ClientPool pool_;
  net::rpc::CallId watch_ = 0;
};

}  // namespace agent::client
