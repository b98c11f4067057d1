// SPDX-License-Identifier: MPL-2.0
#include "agent/agent.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "agent/http/routes.h"
#include "core/base/fields.h"
#include "core/base/limits.h"
#include "core/base/version.h"

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

Agent::Agent(net::uv::Loop& loop, const config::Config& config, core::Logger logger)
    : loop_(loop), config_(config), log_(logger) {}

Agent::~Agent() = default;

core::Result<std::unique_ptr<Agent>> Agent::start(net::uv::Loop& loop, const config::Config& config,
                                                  std::function<void(const core::Error&)> on_failed,
                                                  core::Logger logger) {
  std::unique_ptr<Agent> agent(new Agent(loop, config, logger));
  TRY(agent->start_roles(std::move(on_failed)));
  TRY(agent->start_http());
  return agent;
}

core::Status Agent::start_roles(std::function<void(const core::Error&)> on_failed) {
  if (config_.server.enabled) {
    auto started = server::ServerRole::start(loop_, config_, {.on_failed = on_failed}, log_);
    if (!started.ok()) return core::within("server setup failed", std::move(started).error());
    server_ = std::move(*started);
  }
  if (config_.client.enabled) {
    auto started = client::ClientRole::start(loop_, config_, on_failed, log_);
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

http::Self Agent::self() {
  http::Self self{.config_json = [this] { return config::to_json(config_); },
                  .member_json = [this] { return member_json(); },
                  .stats_json = [this] { return stats_json(); },
                  .members_json = [this] { return server_ ? "[" + member_json() + "]" : std::string("[]"); },
                  .servers = {},
                  .set_servers = {},
                  .health_json = {},
                  .join = {},
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
    self.join = [this](const std::vector<std::string>& addresses) { return join(addresses); };
    self.raft_json = [this] { return server_->raft_json(config_.node_name + "." + config_.region); };
  }
  self.health_json = [this] {
    std::string parts;
    const auto add = [&](std::string_view role, bool ok, std::string_view message) {
      parts += (parts.empty() ? "\"" : ",\"") + std::string(role) + "\":{\"ok\":" + (ok ? "true" : "false") + ",\"message\":\"" + std::string(ok ? "ok" : message) + "\"}";
    };
    if (client_) add("client", !client_->servers().empty(), "no known servers");
    if (server_) add("server", server_->has_leader(), "No cluster leader");
    return "{" + parts + "}";
  };
  return self;
}

std::string Agent::stats_json() const {
  std::map<std::string, std::map<std::string, std::string>> stats;
  if (server_) stats = server_->stats();
  if (client_) stats["client"] = client_->stats();
  stats["runtime"] = runtime_stats();
  return core::to_json(stats);
}

// A server as its gossip pool lists it; a client is no member.
std::string Agent::member_json() const {
  core::json::Writer w;
  w.begin_object();
  const auto text = [&](std::string_view key, std::string_view value) {
    w.key(key);
    w.string(value);
  };
  text("Name", server_ ? config_.node_name + "." + config_.region : "");
  w.key("Addr");
  if (server_) w.string(config_.addresses.serf.empty() ? config_.bind_addr : config_.addresses.serf);
  else w.null();
  w.key("Port");
  w.int64(server_ ? config_.ports.serf : 0);
  w.key("Tags");
  if (server_) {
    std::map<std::string, std::string> tags{{"role", "nomad"}, {"region", config_.region}, {"dc", config_.datacenter},
                                            {"port", std::to_string(config_.ports.rpc)}, {"build", std::string(core::kVersion)},
                                            {"vsn", "1"}, {"id", server_->id().text}};
    if (config_.server.bootstrap_expect == 1) tags["bootstrap"] = "1";
    if (config_.server.bootstrap_expect > 0) tags["expect"] = std::to_string(config_.server.bootstrap_expect);
    core::encode(w, tags);
  } else {
    w.null();
  }
  text("Status", server_ ? "alive" : "none");
  for (const auto* key : {"ProtocolMin", "ProtocolMax", "ProtocolCur", "DelegateMin", "DelegateMax", "DelegateCur"}) {
    w.key(key);
    w.int64(server_ ? 1 : 0);
  }
  w.end_object();
  return w.take();
}

// Servers do not gossip yet: the only member to be found is this one.
core::Result<std::size_t> Agent::join(const std::vector<std::string>& addresses) const {
  const auto own = (config_.addresses.serf.empty() ? config_.bind_addr : config_.addresses.serf) + ":" + std::to_string(config_.ports.serf);
  const auto is_own = [&](const std::string& address) {
    const auto parsed = net::uv::parse_host_port(address, static_cast<std::uint16_t>(config_.ports.serf));
    return parsed.ok() && net::uv::to_string(net::uv::Address{parsed->host, parsed->port}) == own;
  };
  const auto joined = std::count_if(addresses.begin(), addresses.end(), is_own);
  if (joined > 0) return static_cast<std::size_t>(joined);
  return core::Error{core::Errc::unsupported, "this server forms no gossip pool: it cannot join " + addresses.front()};
}

void Agent::stop(std::function<void()> done) {
  const auto put_down = [this, done = std::move(done)] {
    if (!client_ || !config_.dev_mode) return done();
    client_->destroy_all(done);
  };
  if (server_) server_->stop(put_down);
  else put_down();
}

void Agent::leave(net::uv::Done<core::Unit> done) {
  if (!client_) return done(core::Unit{});
  client_->leave(std::move(done));
}

}  // namespace agent
