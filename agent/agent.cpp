// SPDX-License-Identifier: MPL-2.0
#include "agent/agent.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <utility>

#include "agent/http/routes.h"
#include "agent/server/server_tags.h"
#include "core/base/fields.h"
#include "core/base/limits.h"
#include "core/base/version.h"
#include "net/secure/keys.h"

namespace agent {
namespace {

http::Compat compat_of(const std::string& word) {
  if (word == "off") return http::Compat::off;
  if (word == "v0.1.2") return http::Compat::v0_1_2;
  return http::Compat::automatic;
}

net::uv::Address http_address(const config::Config& config) {
  return {config.addresses.http.empty() ? config.bind_addr : config.addresses.http, static_cast<std::uint16_t>(config.ports.http)};
}

std::map<std::string, std::string> runtime_stats() {
  utsname host{};
  ::uname(&host);
  const auto processors = std::to_string(::sysconf(_SC_NPROCESSORS_ONLN));
  return {{"kernel.name", "linux"}, {"arch", host.machine}, {"version", std::string(core::kVersion)},
          {"cpu_count", processors}, {"max_procs", processors}, {"goroutines", "0"}};
}

}  // namespace

Agent::Agent(net::uv::Loop& loop, const config::Config& config, metrics::Telemetry& telemetry, core::Logger logger)
    : loop_(loop), config_(config), log_(logger), telemetry_(telemetry) {}

Agent::~Agent() { telemetry_.collect_with({}); }

core::Result<std::unique_ptr<Agent>> Agent::start(net::uv::Loop& loop, const config::Config& config, metrics::Telemetry& telemetry,
                                                  std::function<void(const core::Error&)> on_failed,
                                                  core::Logger logger) {
  std::unique_ptr<Agent> agent(new Agent(loop, config, telemetry, logger));
  TRY(agent->start_roles(std::move(on_failed)));
  TRY(agent->start_http());
  agent->start_discovery();
  telemetry.collect_with([self = agent.get()] { self->set_gauges(); });
  return agent;
}

void Agent::set_gauges() {
  if (server_) server_->set_gauges();
  if (client_) client_->set_gauges();
}

core::Status Agent::start_roles(std::function<void(const core::Error&)> on_failed) {
  if (config_.server.enabled) {
    auto started = server::ServerRole::start(loop_, config_, telemetry_.registry(), {.on_failed = on_failed}, log_);
    if (!started.ok()) return core::within("server setup failed", std::move(started).error());
    server_ = std::move(*started);
  }
  if (config_.client.enabled) {
    auto started = client::ClientRole::start(loop_, config_, {.metrics = telemetry_.registry(), .own_server = server_ ? server_->credentials() : nullptr},
                                             on_failed, log_);
    if (!started.ok()) return core::within("client setup failed", std::move(started).error());
    client_ = std::move(*started);
  }
  return core::ok_status();
}

core::Status Agent::start_http() {
  streams_ = std::make_unique<http::Streams>(loop_);
  if (client_) own_node_ = std::make_unique<http::OwnNode>(loop_, client_->node(), streams_->worker);
  auto& gateway = server_ ? server_->gateway() : client_->gateway();
  api_ = std::make_unique<http::Api>(http::Api{.gateway = gateway, .self = self(), .streams = *streams_, .own_node = own_node_.get(), .compat = compat_of(config_.compat), .extra_headers = {}});
  for (const auto& [name, value] : config_.http_api_response_headers) api_->extra_headers.add(name, value);
  router_ = std::make_unique<net::http::Router>(http::routes(*api_));
  start_relay();
  net::http::ServerOptions options;
  options.connections_per_address_max = static_cast<std::size_t>(config_.limits.http_max_conns_per_client.value_or(100));
  options.limits.body_bytes_for = [server = server_ != nullptr](net::http::Method, std::string_view path) {
    return server && path == "/v1/operator/snapshot" ? core::limits::kSnapshotUploadBytesMax : core::limits::kHttpBodyBytesMax;
  };
  options.request_timeout = config::limit_of(config_.limits.http_request_timeout);
  http_ = std::make_unique<net::http::Server>(
      loop_, [this](net::http::Request request, net::http::Responder responder) { router_->dispatch(std::move(request), std::move(responder)); },
      options);
  auto listening = http_->listen(http_address(config_));
  if (!listening.ok()) return core::within("failed to start HTTP listener", std::move(listening).error());
  return core::ok_status();
}

// Requests for other regions go out, and those of others come in.
void Agent::start_relay() {
  api_->pass_on = [this](const std::string& region, const net::http::Request& request, const net::http::Responder& responder, net::relay::Hooks hooks) {
    if (server_) server_->regions().pass_on(region, request, responder, std::move(hooks));
    else client_->pass_on(request, responder, std::move(hooks));
  };
  if (!server_) return;
  answerer_ = std::make_unique<net::relay::Answerer>(
      [this](net::http::Request request, net::http::Responder responder) { router_->dispatch(std::move(request), std::move(responder)); });
  server_->on_passed([this](const net::rpc::Inbound& inbound) {
    answerer_->answer(inbound, inbound.peer.hello.role == net::rpc::Role::neighbour ? net::http::Passed::last : net::http::Passed::once);
  });
}

void Agent::start_discovery() {
  discovery::DiscoveryRole::Halves halves;
  if (server_)
    halves.server = {.has_leader = [this] { return server_->has_leader(); },
                     .join = [this](const discovery::Addresses& gossip, std::function<void()> done) {
                       server_->join(gossip, [done = std::move(done)](const core::Result<std::size_t>&) { done(); });
                     }};
  if (client_)
    halves.client = {.lost = [this] { return client_->lost(); },
                     .found = [this](const discovery::Addresses& rpc) { client_->servers_found(rpc); },
                     .consul_changed = [this](const std::optional<discovery::ConsulSelf>& consul) { client_->consul_is(consul); }};
  discovery_ = std::make_unique<discovery::DiscoveryRole>(loop_, config_, std::move(halves), core::Rng(net::secure::random_seed()), log_);
}

void Agent::offer_rendezvous(http::Self& self) {
  const auto token = discovery::rendezvous_token(config_);
  if (!token) return;
  rendezvous_ = std::make_unique<discovery::Rendezvous>(*token);
  self.rendezvous_visit = [this](std::string_view shown, core::ByteView body) { return rendezvous_->visit(shown, body, loop_.now()); };
  self.rendezvous_leave = [this](std::string_view shown, const std::string& infrastructure, const std::string& address) {
    return rendezvous_->leave(shown, infrastructure, address);
  };
}

http::Self Agent::self() {
  http::Self self{.config_json = [this] { return config::to_json(config_); },
                  .member_json = [this] { return member_json(); },
                  .stats_json = [this] { return stats_json(); },
                  .members_json = [this] { return server_ ? server::members_json(server_->gossip().members()) : std::string("[]"); },
                  .servers = {},
                  .set_servers = {},
                  .client_health = {},
                  .server_health = {},
                  .join = {},
                  .force_leave = {},
                  .keyring = {},
                  .regions = {},
                  .raft_json = {},
                  .name = config_.node_name,
                  .region = config_.region,
                  .datacenter = config_.datacenter,
                  .server = server_ != nullptr};
  if (client_) {
    self.servers = [this] { return client_->servers(); };
    self.set_servers = [this](std::vector<std::string> servers) { return client_->set_servers(std::move(servers)); };
  }
  if (server_) {
    self.join = [this](const std::vector<std::string>& addresses, net::uv::Done<std::size_t> done) { server_->join(addresses, std::move(done)); };
    self.force_leave = [this](const std::string& name, bool prune) { server_->force_leave(name, prune); };
    self.keyring = [this](core::server::KeyringOp op, const std::string& key, net::uv::Done<core::server::KeyringReport> done) {
      server_->keyrings().ask(op, key, std::move(done));
    };
    self.regions = [this] { return server_->regions().names(); };
    self.raft_json = [this] { return server_->raft_json(); };
  }
  self.metrics_json = [this] { return telemetry_.json(); };
  if (config_.telemetry.prometheus_metrics) self.metrics_text = [this] { return telemetry_.prometheus(); };
  const auto healthy = [](bool ok, const char* otherwise) { return http::Health{ok, ok ? "ok" : otherwise}; };
  if (client_) self.client_health = [this, healthy] { return healthy(!client_->servers().empty(), "no known servers"); };
  if (server_) self.server_health = [this, healthy] { return healthy(server_->has_leader(), "No cluster leader"); };
  offer_rendezvous(self);
  return self;
}

std::string Agent::stats_json() const {
  std::map<std::string, std::map<std::string, std::string>> stats;
  if (server_) stats = server_->stats();
  if (client_) stats["client"] = client_->stats();
  stats["runtime"] = runtime_stats();
  return core::to_json(stats);
}

// A client is no member of anything.
std::string Agent::member_json() const {
  if (server_) return server::member_json(server_->gossip().self());
  return R"({"Name":"","Addr":null,"Port":0,"Tags":null,"Status":"none","ProtocolMin":0,"ProtocolMax":0,"ProtocolCur":0,"DelegateMin":0,"DelegateMax":0,"DelegateCur":0})";
}

void Agent::stop(std::function<void()> done) {
  const auto put_down = [this, done = std::move(done)] {
    if (!client_ || !config_.dev_mode) return done();
    client_->destroy_all(done);
  };
  const auto part_done = [left = std::make_shared<int>(2), put_down] {  // shared by the two that are waited for
    if (--*left == 0) put_down();
  };
  discovery_->stop(part_done);
  if (server_) server_->stop(part_done);
  else part_done();
}

void Agent::reload(const config::Config& fresh) {
  if (server_) server_->reload(fresh);
  if (client_) client_->reload(fresh);
}

void Agent::leave(net::uv::Done<core::Unit> done) {
  const auto server_leaves = [this, done = std::move(done)](const core::Result<core::Unit>& client_left) {
    if (!server_) return done(client_left);
    server_->leave([done, client_left] { done(client_left); });
  };
  if (client_) client_->leave(server_leaves);
  else server_leaves(core::Unit{});
}

}  // namespace agent
