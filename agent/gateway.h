// SPDX-License-Identifier: MPL-2.0
// What the HTTP API needs of the cluster, wherever it is: on this very agent, or on servers that an
// RPC away. Calls answer once, later, on the loop.
#pragma once

#include <string>
#include <vector>

#include "core/server/query.h"
#include "core/server/types.h"
#include "net/uv/done.h"

namespace agent {

class Gateway {
 public:
  virtual ~Gateway() = default;

  virtual void command(core::server::Command command, const std::string& region,
                       net::uv::Done<core::server::Answer> done) = 0;
  virtual void query(core::server::Query query, const std::string& region,
                     net::uv::Done<core::server::QueryAnswer> done) = 0;
  // "host:port" of the leader's RPC; empty while there is none.
  virtual void leader(const std::string& region, bool stale, net::uv::Done<std::string> done) = 0;
  // RPC addresses of the region's voters.
  virtual void peers(const std::string& region, net::uv::Done<std::vector<std::string>> done) = 0;
};

}  // namespace agent
