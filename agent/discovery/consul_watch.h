// SPDX-License-Identifier: MPL-2.0
// Asks Consul every 15 seconds what it is, and tells when that changed; nothing: it does not answer.
#pragma once

#include <functional>
#include <optional>

#include "agent/discovery/http_service.h"
#include "agent/discovery/consul_messages.h"
#include "net/uv/lifetime.h"
#include "net/uv/timer.h"

namespace agent::discovery {

class ConsulWatch {
 public:
  using OnChange = std::function<void(const std::optional<ConsulSelf>&)>;
  // `consul` outlives it.
  ConsulWatch(net::uv::Loop& loop, HttpService& consul, OnChange on_change);

 private:
  void ask();
  void heard(const core::Result<core::Bytes>& body);

  net::uv::Loop& loop_;
  HttpService& consul_;
  OnChange on_change_;
  std::optional<ConsulSelf> known_;
  net::uv::Timer timer_;
  net::uv::Lifetime lifetime_;
};

}  // namespace agent::discovery
