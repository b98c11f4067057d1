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
  LocalGateway(ServerDriver& driver, Forwarder& forwarder, Queries& queries, Archives& archives, Membership& membership, std::string region)
      : driver_(driver), forwarder_(forwarder), queries_(queries), archives_(archives), membership_(membership), region_(std::move(region)) {}

  void command(core::server::Command command, const std::string& region,
               net::uv::Done<core::server::Answer> done) override;
  void query(core::server::Query query, const std::string& region,
             net::uv::Done<core::server::QueryAnswer> done) override;
  void leader(const std::string& region, bool stale, net::uv::Done<std::string> done) override;
  void save_state(const std::string& region, bool stale, net::uv::Done<SavedState> done) override;
  void restore_state(const std::string& region, core::Bytes snapshot, net::uv::Done<core::Index> done) override;
  void read_log(const std::string& region, core::Index from, net::uv::Done<LogPage> done) override;
  void remove_server(const std::string& region, core::server::ServerName which, net::uv::Done<core::Unit> done) override;
  void hand_over(const std::string& region, core::server::ServerName to, net::uv::Done<core::server::HandedOver> done) override;
  void peers(const std::string& region, net::uv::Done<std::vector<std::string>> done) override;

 private:
  core::Status check(const std::string& region) const;

  ServerDriver& driver_;
  Forwarder& forwarder_;
  Queries& queries_;
  Archives& archives_;
  Membership& membership_;
  std::string region_;
};

}  // namespace agent::server
