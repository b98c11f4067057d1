// SPDX-License-Identifier: MPL-2.0
// How a server stands: what waits for whom, and how far Raft is. Set once a collection interval.
#pragma once

#include "agent/server/server_driver.h"
#include "core/metrics/registry.h"

namespace agent::server {

class ServerGauges {
 public:
  explicit ServerGauges(core::metrics::Registry& registry);
  void set(const ServerDriver& driver, core::Instant now);

 private:
  core::metrics::Gauge ready_, unacked_, held_back_, waiting_, blocked_, plans_, heartbeats_;
  core::metrics::Gauge applied_, last_;
};

}  // namespace agent::server
