// SPDX-License-Identifier: MPL-2.0
// Keeps this agent's services registered in Consul, and takes them out when the agent stops.
#pragma once

#include <functional>
#include <vector>

#include "agent/discovery/http_service.h"
#include "agent/discovery/consul_upkeep.h"
#include "net/uv/lifetime.h"
#include "net/uv/timer.h"

namespace agent::discovery {

class ConsulAdvertiser {
 public:
  // `consul` outlives it.
  ConsulAdvertiser(net::uv::Loop& loop, HttpService& consul, std::vector<ConsulService> services, core::Logger logger);

  // Takes the services out, as far as that can be done within a second, then calls `done`. Called once.
  void withdraw(std::function<void()> done);

 private:
  void round();
  void compare(const core::Result<core::Bytes>& body);
  void put_next();
  void end_round(const core::Status& status);
  void take_out();
  void withdrawn();

  net::uv::Loop& loop_;
  HttpService& consul_;
  ConsulUpkeep upkeep_;
  core::Logger log_;
  bool busy_ = false;        // a round is under way
  bool registered_ = false;  // something of ours may be there
  bool senseless_ = false;   // what was answered last
  std::vector<ConsulService> to_put_;
  std::size_t put_ = 0;  // in this round
  std::size_t leaving_ = 0;  // answers due
  std::function<void()> on_withdrawn_;
  net::uv::Timer timer_, patience_;
  net::uv::Lifetime lifetime_;
};

}  // namespace agent::discovery
