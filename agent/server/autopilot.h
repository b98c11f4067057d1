// SPDX-License-Identifier: MPL-2.0
// While this server leads: makes voters of servers that have proved stable, and tells servers off that failed
// for good. Who was told off has left, and Departures takes it out.
#pragma once

#include "agent/config.h"
#include "agent/server/gossip_host.h"
#include "agent/server/server_driver.h"
#include "core/server/autopilot.h"
#include "net/uv/timer.h"

namespace agent::server {

class Autopilot {
 public:
  // `driver` and `host` outlive it.
  Autopilot(net::uv::Loop& loop, ServerDriver& driver, GossipHost& host, core::server::Autopilot::Config config, core::Logger logger);

  // Another server leads, or the servers are others.
  void look();

 private:
  void round();
  void promote(const core::ServerId& id);

  net::uv::Loop& loop_;
  ServerDriver& driver_;
  GossipHost& host_;
  core::server::Autopilot rules_;
  core::Logger log_;
  bool promoting_ = false;
  net::uv::Timer timer_;
  net::uv::Lifetime lifetime_;
};

// What the configuration says of it. A server that is asked for every heartbeat cannot answer more often.
core::server::Autopilot::Config autopilot_config(const config::Config& config, core::Duration heartbeat_interval);

}  // namespace agent::server
