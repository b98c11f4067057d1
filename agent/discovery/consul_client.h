// SPDX-License-Identifier: MPL-2.0
// A Consul agent's HTTP API: one request at a time or several, each with a time limit, none waited for. Says once in
// the log that Consul is there, and at most every ten minutes that it is not; nothing of that where nobody said that
// there is one.
#pragma once

#include <optional>
#include <string>

#include "agent/config_services.h"
#include "core/base/log.h"
#include "net/http/client.h"
#include "net/uv/done.h"
#include "net/uv/loop.h"

namespace agent::discovery {

struct ConsulOptions {
  net::http::Url where;
  std::string token, auth, ns;  // empty: none
  core::Duration timeout{};
  bool configured = false;  // somebody said that there is one
};
// Errc::unsupported: it is to be spoken to in a way this agent cannot; invalid: the address is none.
core::Result<ConsulOptions> consul_options(const config::Consul& config);

class ConsulClient {
 public:
  ConsulClient(net::uv::Loop& loop, ConsulOptions options, core::Logger logger);

  // `target`: path and query. Errors: as net::http::Client::send; denied, not_found and unavailable for statuses that
  // are no success.
  void get(std::string target, net::uv::Done<core::Bytes> done);
  void put(std::string target, core::Bytes body, net::uv::Done<core::Unit> done);

 private:
  void send(net::http::Outgoing request, net::uv::Done<core::Bytes> done);
  core::Result<core::Bytes> judge(const std::string& what, core::Result<net::http::Response> answer);
  void failed(const core::Error& error);

  net::uv::Loop& loop_;
  ConsulOptions options_;
  core::Logger log_;
  bool reached_ = false;  // the last time
  bool found_ = false;    // at some time
  bool told_ = false;     // that there is none
  std::optional<core::Instant> warned_at_;
  net::http::Client http_;
};

}  // namespace agent::discovery
