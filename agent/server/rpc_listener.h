// SPDX-License-Identifier: MPL-2.0
// The RPC port: connections accepted, requests handed to the RpcService, answers sent back.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <utility>

#include "agent/server/rpc_service.h"
#include "core/base/log.h"
#include "net/rpc/dispatcher.h"
#include "net/rpc/server.h"
#include "net/uv/lifetime.h"

namespace agent::server {

// Every request a client or a command may make, but for subscriptions.
std::span<const net::rpc::Method> client_requests();

class RpcListener {
 public:
  struct Options {
    net::uv::Address address;
    std::string region;  // peers of another one are refused
    std::string name;    // of this server
    std::size_t connections_per_address_max = 100;
    core::Duration handshake_timeout = std::chrono::seconds(5);  // until a peer has introduced itself
  };
  // `service` outlives the listener; `serve_peers` adds what other servers may ask.
  static core::Result<std::unique_ptr<RpcListener>> listen(net::uv::Loop& loop, Options options, RpcService& service,
                                                           const std::function<void(net::rpc::Dispatcher&)>& serve_peers,
                                                           core::Logger logger);

  std::size_t connections() const { return server_->connections(); }

 private:
  RpcListener(net::uv::Loop& loop, RpcService& service, core::Logger logger) : loop_(loop), service_(service), log_(std::move(logger)) {}
  void on_request(net::rpc::Inbound inbound);
  void on_watch(net::rpc::Inbound inbound);
  void turned_away(std::string_view sentence, const net::uv::Address& from, const core::Error& error);

  net::uv::Loop& loop_;
  RpcService& service_;
  core::Logger log_;
  std::set<std::pair<std::string, core::Errc>> told_;  // of whom it was said already why they were turned away
  core::Instant told_since_{};
  net::rpc::Dispatcher dispatcher_;
  std::uint64_t next_watch_ = 1;
  std::map<std::uint64_t, std::unique_ptr<RpcService::Watch>> watches_;
  std::unique_ptr<net::rpc::Server> server_;
  net::uv::Lifetime lifetime_;
};

}  // namespace agent::server
