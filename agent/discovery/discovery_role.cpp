// SPDX-License-Identifier: MPL-2.0
#include "agent/discovery/discovery_role.h"

#include <chrono>
#include <utility>

#include "agent/discovery/consul_options.h"

namespace agent::discovery {
namespace {

using namespace std::chrono_literals;

// An election takes a second or two; a leader that is missed for longer may be in a part of the cluster that
// gossip has lost.
constexpr core::Duration kLeaderPatience = 15s;
constexpr std::size_t kServerDatacentersMax = 25, kClientDatacentersMax = 9;

Lookout::Hooks hooks_of(const DiscoveryRole::ServerHooks& server, Source source) {
  return {.alone = [has_leader = server.has_leader] { return !has_leader(); }, .source = std::move(source), .use = server.join};
}

Lookout::Hooks hooks_of(const DiscoveryRole::ClientHooks& client, Source source) {
  return {.alone = client.lost, .source = std::move(source), .use = [found = client.found](const Addresses& servers, const std::function<void()>& done) {
            found(servers);
            done();
          }};
}

}  // namespace

DiscoveryRole::DiscoveryRole(net::uv::Loop& loop, const config::Config& config, Halves halves, core::Rng rng, const core::Logger& logger) : loop_(loop) {
  start_consul(loop, config, halves, rng, logger.named("consul"));
  start_atlas(loop, config, halves, rng, logger.named("atlas"));
}

void DiscoveryRole::start_consul(net::uv::Loop& loop, const config::Config& config, const Halves& halves, core::Rng& rng, const core::Logger& logger) {
  auto options = consul_options(config.consul);
  if (!options.ok()) return;  // said at start, see config::without_effect
  consul_ = std::make_unique<ConsulParts>(loop, std::move(*options), logger);
  auto& c = *consul_;
  const auto& name = config.consul.server_service_name;
  if (halves.server && config.consul.server_auto_join.value_or(false)) {
    c.servers.emplace(c.client, ConsulSearch::Rules{.service = name, .tag = "serf", .datacenters_max = kServerDatacentersMax}, rng.fork());
    c.server_lookout.emplace(loop, Need::Rules{.patience = kLeaderPatience}, hooks_of(*halves.server, [&c](auto done) { c.servers->find(std::move(done)); }), logger);
  }
  if (halves.client && config.consul.client_auto_join.value_or(false)) {
    c.server_rpc.emplace(c.client, ConsulSearch::Rules{.service = name, .tag = "rpc", .datacenters_max = kClientDatacentersMax, .first_is_enough = true}, rng.fork());
    c.client_lookout.emplace(loop, Need::Rules{}, hooks_of(*halves.client, [&c](auto done) { c.server_rpc->find(std::move(done)); }), logger);
  }
  if (halves.client) c.watch.emplace(loop, c.client, halves.client->consul_changed);
  if (config.consul.auto_advertise.value_or(false)) c.advertiser.emplace(loop, c.client, consul_services(config), logger);
}

void DiscoveryRole::start_atlas(net::uv::Loop& loop, const config::Config& config, const Halves& halves, core::Rng& rng, const core::Logger& logger) {
  auto visit = atlas_visit(config);
  if (!visit || !halves.server) return;
  atlas_ = std::make_unique<AtlasParts>(loop, std::move(*visit), rng.fork(), logger);
  if (!config.atlas.join) return;
  const auto source = [this](net::uv::Done<Addresses> done) { atlas_->visitor.visit(std::move(done)); };
  atlas_->lookout.emplace(loop, Need::Rules{.patience = kLeaderPatience}, hooks_of(*halves.server, source), logger);
}

void DiscoveryRole::stop(std::function<void()> done) {
  const bool advertised = consul_ && consul_->advertiser;
  if (!advertised && !atlas_) return loop_.defer(std::move(done));
  const auto one_left = [left = std::make_shared<int>(advertised && atlas_ ? 2 : 1), done = std::move(done)] {  // shared by those who leave
    if (--*left == 0) done();
  };
  if (consul_) {
    consul_->server_lookout.reset();
    consul_->client_lookout.reset();
    consul_->watch.reset();
  }
  if (atlas_) atlas_->lookout.reset();
  if (advertised) consul_->advertiser->withdraw(one_left);
  if (atlas_) atlas_->visitor.leave(one_left);
}

}  // namespace agent::discovery
