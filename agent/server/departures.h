// SPDX-License-Identifier: MPL-2.0
// Servers that left the cluster, by themselves or because an operator said so, are taken out of Raft's
// configuration by whoever leads. One that only failed stays in it: it may come back.
#pragma once

#include "agent/server/gossip_host.h"
#include "agent/server/server_driver.h"
#include "net/uv/timer.h"

namespace agent::server {

class Departures {
 public:
  // Both outlive it.
  Departures(net::uv::Loop& loop, ServerDriver& driver, const GossipHost& host, core::Logger logger);

  // Something changed: who leads, or who left.
  void look();

 private:
  void remove_one();

  net::uv::Loop& loop_;
  ServerDriver& driver_;
  const GossipHost& host_;
  core::Logger log_;
  bool removing_ = false;
  net::uv::Timer timer_;
  net::uv::Lifetime lifetime_;
};

}  // namespace agent::server
