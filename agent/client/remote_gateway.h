// SPDX-License-Identifier: MPL-2.0
// The HTTP API's way to the cluster on an agent that is only a client: everything is asked of servers.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "agent/gateway.h"
#include "net/rpc/client_pool.h"
#include "net/uv/address.h"

namespace agent::client {

class RemoteGateway final : public Gateway {
 public:
  // Servers in order of preference, asked for each call. The pool outlives this.
  using Servers = std::function<std::vector<net::uv::Address>()>;
  RemoteGateway(net::rpc::ClientPool& pool, Servers servers) : pool_(pool), servers_(std::move(servers)) {}

  void command(core::server::Command command, net::uv::Done<core::server::Answer> done) override;
  void query(core::server::Query query, net::uv::Done<core::server::QueryAnswer> done) override;
  void leader(bool stale, net::uv::Done<std::string> done) override;
  // Only a server saves or restores: Errc::unsupported.
  void save_state(bool stale, net::uv::Done<SavedState> done) override;
  void read_log(core::Index from, net::uv::Done<LogPage> done) override;
  void remove_server(core::server::ServerName which, net::uv::Done<core::Unit> done) override;
  void hand_over(core::server::ServerName to, net::uv::Done<core::server::HandedOver> done) override;
  void restore_state(core::Bytes snapshot, net::uv::Done<core::Index> done) override;
  void peers(net::uv::Done<std::vector<std::string>> done) override;

 private:
  void call(std::uint16_t method, core::Bytes body, bool repeatable, net::uv::Done<core::Bytes> done);

  net::rpc::ClientPool& pool_;
  Servers servers_;
};

}  // namespace agent::client
