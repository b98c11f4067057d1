// SPDX-License-Identifier: MPL-2.0
// What a running server has of what others lost: entries of its log, and its newest snapshot.
#pragma once

#include "agent/server/server_driver.h"
#include "net/rpc/dispatcher.h"
#include "net/uv/lifetime.h"

namespace agent::server {

class Lender {
 public:
  // `driver` outlives it.
  explicit Lender(ServerDriver& driver) : driver_(driver) {}
  void serve(net::rpc::Dispatcher& dispatcher);

 private:
  ServerDriver& driver_;
  net::uv::Lifetime lifetime_;
};

}  // namespace agent::server
