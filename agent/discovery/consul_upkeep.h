// SPDX-License-Identifier: MPL-2.0
// What is to be registered in Consul, and when to look whether it still is: Consul forgets it when it loses its own
// data. No I/O.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "agent/config.h"
#include "agent/discovery/consul_messages.h"
#include "core/base/time.h"

namespace agent::discovery {

// The services of an agent: of a server its HTTP, RPC and gossip, of a client its HTTP. An id stands for all that is
// said of the service, so that two agents never share one.
std::vector<ConsulService> consul_services(const config::Config& config);

class ConsulUpkeep {
 public:
  ConsulUpkeep(std::vector<ConsulService> services, core::Instant now) : services_(std::move(services)), next_round_(now) {}

  const std::vector<ConsulService>& services() const { return services_; }
  // Those that are not there, or otherwise than they should be.
  std::vector<ConsulService> missing(const std::map<std::string, ConsulService>& there) const;
  // How a round ended; it begins at next_round().
  void succeeded(core::Instant now);
  void failed(core::Instant now);
  core::Instant next_round() const { return next_round_; }

 private:
  std::vector<ConsulService> services_;
  core::Instant next_round_;
  int failures_ = 0;  // in a row
};

}  // namespace agent::discovery
