// SPDX-License-Identifier: MPL-2.0
// The HTTP API's way to the cluster on an agent that is itself a server.
#pragma once

#include <string>

#include "agent/gateway.h"
#include "agent/server/archives.h"
#include "agent/server/forwarder.h"
#include "agent/server/membership.h"
#include "agent/server/queries.h"
#include "agent/server/server_driver.h"

namespace agent::server {

class LocalGateway final : public Gateway {
 public:
  // All outlive this.
  LocalGateway(ServerDriver& driver, Forwarder& forwarder, Queries& queries, Archives& archives, Membership& membership)
      : driver_(driver), forwarder_(forwarder), queries_(queries), archives_(archives), membership_(membership) {}

  void command(core::server::Command command, net::uv::Done<core::server::Answer> done) override;
  void query(core::server::Query query, net::uv::Done<core::server::QueryAnswer> done) override;
  void leader(bool stale, net::uv::Done<std::string> done) override;
  void save_state(bool stale, net::uv::Done<SavedState> done) override;
  void restore_state(core::Bytes snapshot, net::uv::Done<core::Index> done) override;
  void read_log(core::Index from, net::uv::Done<LogPage> done) override;
  void remove_server(core::server::ServerName which, net::uv::Done<core::Unit> done) override;
  void hand_over(core::server::ServerName to, net::uv::Done<core::server::HandedOver> done) override;
  void peers(net::uv::Done<std::vector<std::string>> done) override;

 private:
  ServerDriver& driver_;
  Forwarder& forwarder_;
  Queries& queries_;
  Archives& archives_;
  Membership& membership_;
};

}  // namespace agent::server
