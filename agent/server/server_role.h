// SPDX-License-Identifier: MPL-2.0
// The server half of an agent: state recovered, Raft running, RPC answered.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/config.h"
#include "agent/server/archives.h"
#include "agent/server/autopilot.h"
#include "agent/server/departures.h"
#include "agent/server/formation.h"
#include "agent/server/forwarder.h"
#include "agent/server/gossip_host.h"
#include "agent/server/healer.h"
#include "agent/server/job_gauges.h"
#include "agent/server/joins.h"
#include "agent/server/keyrings.h"
#include "agent/server/lender.h"
#include "agent/server/local_gateway.h"
#include "agent/server/membership.h"
#include "agent/server/queries.h"
#include "agent/server/raft_wire.h"
#include "agent/server/regions.h"
#include "agent/server/rpc_listener.h"
#include "agent/server/rpc_service.h"
#include "agent/server/server_gauges.h"
#include "agent/server/server_driver.h"
#include "net/uv/loop.h"
#include "net/uv/timer.h"
#include "store/env_posix.h"

namespace agent::server {

class ServerRole {
 public:
  struct Hooks {
    std::function<void(const core::Error&)> on_failed;  // this server cannot go on
  };

  // Errors name what is in the way: the directory's owner, damage, a port in use. `metrics` outlive it.
  static core::Result<std::unique_ptr<ServerRole>> start(net::uv::Loop& loop, const config::Config& config, core::metrics::Registry& metrics,
                                                         Hooks hooks, core::Logger logger);
  ~ServerRole();

  // Hands leadership over, if this server leads and somebody is there to take it, and calls `done` when that
  // is settled and all who asked this server for a write were answered; soon in any case.
  void stop(std::function<void()> done);

  // Gives up the vote and says goodbye to the others; then, or when that takes too long, calls `done`.
  void leave(std::function<void()> done);

  Gateway& gateway() { return *gateway_; }
  const GossipHost& gossip() const { return *gossip_; }
  // As Joins::join.
  void join(const std::vector<std::string>& addresses, net::uv::Done<std::size_t> done) { joins_->join(addresses, std::move(done)); }
  // What of `fresh` applies while it runs: the keys of RPC.
  void reload(const config::Config& fresh);
  void force_leave(const std::string& name, bool prune) { gossip_->force_leave(name, prune); }
  Regions& regions() { return *regions_; }
  Keyrings& keyrings() { return *keyrings_; }
  // What this server proves itself with; null: the cluster has no key.
  std::shared_ptr<const net::secure::Credentials> credentials() const { return credentials_; }
  // Who answers HTTP requests that come over RPC; unset, nobody does.
  void on_passed(net::rpc::Dispatcher::OnRequest handler) { on_passed_ = std::move(handler); }
  const core::ServerId& id() const { return id_; }
  bool leads() const { return driver_->leads(); }
  bool has_leader() const { return driver_->status().leader.has_value(); }
  // Who votes, and who leads, as /v1/operator/raft/configuration shows it.
  std::string raft_json() const;
  // Sections "nomad", "raft" and "serf" of an agent's counts.
  std::map<std::string, std::map<std::string, std::string>> stats() const;
  // Once each collection interval.
  void set_gauges();

 private:
  ServerRole(net::uv::Loop& loop, core::metrics::Registry& metrics, core::Logger logger);
  core::Status start_gossip(const config::Config& config, const std::string& rpc, core::Rng rng, const core::Logger& logger,
                            std::function<void(const core::Error&)> on_failed);
  void start_keyrings(const config::Config& config, const core::Logger& logger);
  void serve_passed(net::rpc::Dispatcher& dispatcher);
  void on_members(const std::vector<core::gossip::MemberEvent>& events);
  void stopped();

  ServerGauges gauges_;
  store::PosixEnv env_;
  core::ServerId id_;
  std::string region_;
  std::optional<net::secure::Keyring> keys_;               // until gossip has them
  std::shared_ptr<net::secure::Credentials> credentials_;  // null: the cluster has no key
  bool follows_keyring_ = true;                            // RPC has no keys of its own
  std::unique_ptr<net::rpc::ClientPool> peers_;  // connections to other servers
  std::unique_ptr<RaftWire> wire_;
  std::unique_ptr<ServerDriver> driver_;
  std::unique_ptr<Forwarder> forwarder_;
  std::unique_ptr<Formation> formation_;
  std::unique_ptr<Queries> queries_;
  std::unique_ptr<JobGauges> job_gauges_;
  std::unique_ptr<RpcService> service_;
  std::unique_ptr<Archives> archives_;
  std::unique_ptr<Membership> membership_;
  std::unique_ptr<Lender> lender_;
  std::unique_ptr<Healer> healer_;
  std::unique_ptr<LocalGateway> gateway_;
  std::unique_ptr<RpcListener> listener_;
  std::unique_ptr<GossipHost> gossip_;
  std::unique_ptr<Regions> regions_;
  std::unique_ptr<Departures> departures_;
  std::unique_ptr<Autopilot> autopilot_;
  std::unique_ptr<Joins> joins_;
  std::unique_ptr<OwnKeyring> own_keyring_;  // null: the cluster has no key
  std::unique_ptr<Keyrings> keyrings_;
  net::uv::Loop& loop_;
  core::Logger log_;
  std::function<void()> on_stopped_;
  net::rpc::Dispatcher::OnRequest on_passed_;
  net::uv::Timer patience_;
  net::uv::Lifetime lifetime_;
};

}  // namespace agent::server
