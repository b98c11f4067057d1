// SPDX-License-Identifier: MPL-2.0
// The RPC port: connections accepted, requests handed to the RpcService, answers sent back.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "agent/server/rpc_service.h"
#include "core/base/log.h"
#include "net/refusals.h"
#include "net/rpc/dispatcher.h"
#include "net/rpc/server.h"
#include "net/uv/lifetime.h"

namespace agent::server {

// Every request a client or a command may make, but for subscriptions.
std::span<const net::rpc::Method> client_requests();

class RpcListener {
 public:
  // `service` outlives the listener; `serve_peers` adds what other servers may ask.
  static core::Result<std::unique_ptr<RpcListener>> listen(net::uv::Loop& loop, const net::uv::Address& address,
                                                           net::rpc::ServerOptions options, RpcService& service,
                                                           const std::function<void(net::rpc::Dispatcher&)>& serve_peers,
                                                           core::Logger logger);

  // The servers are others: every client that is connected is told.
  void servers_changed();
  std::size_t connections() const { return server_->connections(); }

 private:
  RpcListener(net::uv::Loop& loop, RpcService& service, core::Logger logger) : loop_(loop), service_(service), log_(std::move(logger)) {}
  void on_request(net::rpc::Inbound inbound);
  void on_watch(net::rpc::Inbound inbound);
  void turned_away(const std::string& sentence, const net::uv::Address& from, const core::Error& error);

  net::uv::Loop& loop_;
  RpcService& service_;
  core::Logger log_;
  std::map<std::pair<std::string, core::Errc>, net::Refusals> refusals_;  // each kind is told of by itself
  net::rpc::Dispatcher dispatcher_;
  std::uint64_t next_watch_ = 1;
  std::map<std::uint64_t, std::unique_ptr<RpcService::Watch>> watches_;
  std::unique_ptr<net::rpc::Server> server_;
  net::uv::Lifetime lifetime_;
};

}  // namespace agent::server
