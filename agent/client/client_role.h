// SPDX-License-Identifier: MPL-2.0
// The client half of an agent: its identity and memory on disk, its drivers, its way to the servers.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agent/client/drivers/launcher.h"
#include "agent/client/host_gauges.h"
#include "agent/client/leaving.h"
#include "agent/client/node_driver.h"
#include "agent/client/node_gauges.h"
#include "agent/client/remote_gateway.h"
#include "agent/client/server_link.h"
#include "agent/client/task_counters.h"
#include "agent/client/task_gauges.h"
#include "agent/config.h"
#include "agent/discovery/consul_messages.h"
#include "net/relay/asker.h"
#include "net/uv/loop.h"
#include "store/env_posix.h"

namespace agent::client {

class ClientRole {
 public:
  struct Lent {
    core::metrics::Registry& metrics;  // outlives the role
    // What a server on this agent proves itself with; null: there is none, or it has no key.
    std::shared_ptr<const net::secure::Credentials> own_server;
  };
  static core::Result<std::unique_ptr<ClientRole>> start(net::uv::Loop& loop, const config::Config& config, Lent lent,
                                                         std::function<void(const core::Error&)> on_failed,
                                                         core::Logger logger);
  ~ClientRole();

  Gateway& gateway() { return *gateway_; }
  // Has a server that this client knows answer an HTTP request.
  void pass_on(const net::http::Request& request, const net::http::Responder& responder, net::relay::Hooks hooks);
  LocalNode& node() { return *driver_; }
  std::vector<std::string> servers() const;
  core::Status set_servers(std::vector<std::string> servers);
  // No server that it knows answers, or it knows none.
  bool lost() const { return unanswered_ || link_->servers().empty(); }
  // Addresses or names, behind those it knows already.
  void servers_found(const std::vector<std::string>& servers);
  // Nothing: there is none, or no longer.
  void consul_is(const std::optional<discovery::ConsulSelf>& consul);
  // The section "client" of an agent's counts.
  std::map<std::string, std::string> stats() const;
  // Once each collection interval.
  void set_gauges();
  // Stops and removes everything that runs here.
  void destroy_all(std::function<void()> done);
  // Turns to the servers that are configured now, if they are others than before, and proves itself to them with
  // the key that is.
  void reload(const config::Config& fresh);
  // See Leaving. Called once.
  void leave(net::uv::Done<core::Unit> done);

 private:
  ClientRole(net::uv::Loop& loop, const config::Config& config, core::Logger logger)
      : loop_(loop), drain_(config.client.drain_on_shutdown), log_(std::move(logger)) {}
  core::Result<core::model::Node> make_node(const config::Config& config, const std::vector<std::unique_ptr<Driver>>& drivers,
                                            store::client_state::ClientDb& db, core::Rng& rng);
  std::vector<std::unique_ptr<Driver>> make_drivers(const config::Config& config);
  void reload_servers(const config::Config& fresh);
  void reload_key(const config::Config& fresh);
  void hear(const core::client::Input& input);
  void make_gauges(const config::Config& config, core::metrics::Registry& metrics);
  void set_task_gauges();
  void count_tasks();

  net::uv::Loop& loop_;
  store::PosixEnv env_;
  std::string node_id_;
  std::shared_ptr<net::secure::Credentials> credentials_;  // null: those of the server on this agent, if any
  std::unique_ptr<Launcher> launcher_;
  std::unique_ptr<ServerLink> link_;
  std::unique_ptr<RemoteGateway> gateway_;
  std::unique_ptr<NodeDriver> driver_;
  std::optional<config::DrainOnShutdown> drain_;
  std::vector<std::string> configured_;  // servers
  bool unanswered_ = false;  // the last registration or heartbeat
  core::Logger log_;
  std::unique_ptr<Leaving> leaving_;
  std::unique_ptr<NodeGauges> gauges_;
  std::unique_ptr<HostGauges> host_gauges_;  // null: not to be published
  std::unique_ptr<TaskGauges> task_gauges_;  // the same
  std::unique_ptr<TaskCounters> task_counters_;
};

}  // namespace agent::client
