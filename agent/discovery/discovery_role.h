// SPDX-License-Identifier: MPL-2.0
// Discovery as one agent has it: looks for servers on behalf of its halves while they know none, and makes this agent
// known to others. Knows the halves only by what they need.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "agent/config.h"
#include "agent/discovery/atlas.h"
#include "agent/discovery/consul_advertiser.h"
#include "agent/discovery/consul_finder.h"
#include "agent/discovery/consul_watch.h"
#include "agent/discovery/lookout.h"
#include "agent/discovery/rendezvous_visitor.h"

namespace agent::discovery {

class DiscoveryRole {
 public:
  struct ServerHooks {
    std::function<bool()> has_leader;
    std::function<void(const Addresses& gossip, std::function<void()> done)> join;
  };
  struct ClientHooks {
    std::function<bool()> lost;  // it knows no server that answers
    std::function<void(const Addresses& rpc)> found;
    ConsulWatch::OnChange consul_changed;
  };
  // Nothing: the agent has no such half.
  struct Halves {
    std::optional<ServerHooks> server;
    std::optional<ClientHooks> client;
  };
  DiscoveryRole(net::uv::Loop& loop, const config::Config& config, Halves halves, core::Rng rng, const core::Logger& logger);

  // Nobody is to find this agent any more. Calls `done` after at most a second. Called once.
  void stop(std::function<void()> done);

 private:
  struct ConsulParts {
    ConsulParts(net::uv::Loop& loop, HttpService::Options options, const core::Logger& logger) : client(loop, std::move(options), logger) {}
    HttpService client;
    std::optional<ConsulFinder> servers, server_rpc;
    std::optional<Lookout> server_lookout, client_lookout;
    std::optional<ConsulWatch> watch;
    std::optional<ConsulAdvertiser> advertiser;
  };
  struct AtlasParts {
    AtlasParts(net::uv::Loop& loop, AtlasVisit visit, core::Rng rng, const core::Logger& logger)
        : visitor(loop, std::move(visit.where), std::move(visit.own), rng, logger) {}
    RendezvousVisitor visitor;
    std::optional<Lookout> lookout;
  };
  void start_consul(net::uv::Loop& loop, const config::Config& config, const Halves& halves, core::Rng& rng, const core::Logger& logger);

  void start_atlas(net::uv::Loop& loop, const config::Config& config, const Halves& halves, core::Rng& rng, const core::Logger& logger);

  net::uv::Loop& loop_;
  std::unique_ptr<ConsulParts> consul_;  // null: it is not to be used
  std::unique_ptr<AtlasParts> atlas_;    // null: there is none
};

}  // namespace agent::discovery
