// SPDX-License-Identifier: MPL-2.0
// A running agent: the server half, the client half, or both, and the HTTP API before them.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "agent/client/client_role.h"
#include "agent/config.h"
#include "agent/discovery/discovery_role.h"
#include "agent/discovery/rendezvous.h"
#include "agent/http/api.h"
#include "agent/http/own_node.h"
#include "agent/http/streams.h"
#include "agent/metrics/telemetry.h"
#include "agent/server/server_role.h"
#include "net/http/router.h"
#include "net/http/server.h"
#include "net/relay/answerer.h"
#include "net/uv/loop.h"

namespace agent {

class Agent {
 public:
  // `on_failed`: the agent cannot go on and is to be destroyed, later. `telemetry` outlives it.
  static core::Result<std::unique_ptr<Agent>> start(net::uv::Loop& loop, const config::Config& config, metrics::Telemetry& telemetry,
                                                    std::function<void(const core::Error&)> on_failed,
                                                    core::Logger logger);
  ~Agent();

  // A server hands leadership over and answers who waits for a write; what is not to outlive this agent (a dev
  // agent's tasks) is put down. Then calls `done`.
  void stop(std::function<void()> done);
  // What can change while it runs: a client's servers, and the keys of RPC.
  void reload(const config::Config& fresh);
  // Graceful: a client marks its node down, so that its work is placed elsewhere at once; a server gives up its
  // vote and says goodbye.
  void leave(net::uv::Done<core::Unit> done);

 private:
  Agent(net::uv::Loop& loop, const config::Config& config, metrics::Telemetry& telemetry, core::Logger logger);
  core::Status start_roles(std::function<void(const core::Error&)> on_failed);
  core::Status start_http();
  void start_relay();
  void start_discovery();
  void offer_rendezvous(http::Self& self);
  void set_gauges();
  http::Self self();
  std::string stats_json() const;
  std::string member_json() const;

  net::uv::Loop& loop_;
  config::Config config_;
  core::Logger log_;
  metrics::Telemetry& telemetry_;
  std::unique_ptr<server::ServerRole> server_;
  std::unique_ptr<client::ClientRole> client_;
  std::unique_ptr<http::Streams> streams_;
  std::unique_ptr<http::OwnNode> own_node_;
  std::unique_ptr<http::Api> api_;
  std::unique_ptr<net::http::Router> router_;
  std::unique_ptr<net::relay::Answerer> answerer_;
  std::unique_ptr<discovery::Rendezvous> rendezvous_;  // null: none is offered
  std::unique_ptr<net::http::Server> http_;
  std::unique_ptr<discovery::DiscoveryRole> discovery_;  // last: it asks the halves
};

}  // namespace agent
