// SPDX-License-Identifier: MPL-2.0
#include "agent/discovery/consul_client.h"

#include <chrono>
#include <utility>

#include "core/base/base64.h"
#include "core/base/limits.h"

namespace agent::discovery {
namespace {

constexpr std::uint16_t kConsulPort = 8500;
// The catalog's entries for a service, or the services of one Consul agent: thousands of either.
constexpr std::size_t kAnswerBytesMax = core::limits::kHttpBodyBytesMax;
constexpr core::Duration kWarnAgain = std::chrono::minutes(10);

core::Errc code_of(int status) {
  if (status == 401 || status == 403) return core::Errc::denied;
  return status == 404 ? core::Errc::not_found : core::Errc::unavailable;
}

}  // namespace

core::Result<ConsulOptions> consul_options(const config::Consul& config) {
  if (config.ssl) return core::Error{core::Errc::unsupported, "consul.ssl: https is not spoken by this release"};
  auto where = net::http::parse_url(config.address, kConsulPort);
  if (!where.ok()) return core::within("consul.address", where.error());
  return ConsulOptions{.where = std::move(*where),
                       .token = config.token.text,
                       .auth = config.auth.text,
                       .ns = config.ns,
                       .timeout = config.timeout,
                       .configured = config.configured};
}

ConsulClient::ConsulClient(net::uv::Loop& loop, ConsulOptions options, core::Logger logger)
    : loop_(loop), options_(std::move(options)), log_(std::move(logger)), http_(loop) {}

void ConsulClient::get(std::string target, net::uv::Done<core::Bytes> done) {
  send({.method = net::http::Method::get, .target = std::move(target)}, std::move(done));
}

void ConsulClient::put(std::string target, core::Bytes body, net::uv::Done<core::Unit> done) {
  send({.method = net::http::Method::put, .target = std::move(target), .body = std::move(body)},
       [done = std::move(done)](const core::Result<core::Bytes>& answer) {
         if (answer.ok()) done(core::Unit{});
         else done(answer.error());
       });
}

void ConsulClient::send(net::http::Outgoing request, net::uv::Done<core::Bytes> done) {
  // Without its query: that is long, and says nothing more.
  auto what = std::string(to_string(request.method)) + " " + request.target.substr(0, request.target.find('?'));
  request.target = options_.where.base_path + request.target;
  request.timeout = options_.timeout;
  request.body_bytes_max = kAnswerBytesMax;
  if (!options_.token.empty()) request.headers.add("X-Consul-Token", options_.token);
  if (!options_.auth.empty()) request.headers.add("Authorization", "Basic " + core::to_base64(options_.auth));
  if (!options_.ns.empty()) request.headers.add("X-Consul-Namespace", options_.ns);
  http_.send(options_.where.server, std::move(request), [this, what = std::move(what), done = std::move(done)](core::Result<net::http::Response> answer) {
    done(judge(what, std::move(answer)));
  });
}

core::Result<core::Bytes> ConsulClient::judge(const std::string& what, core::Result<net::http::Response> answer) {
  if (answer.ok() && answer->status / 100 != 2)
    answer = core::Error{code_of(answer->status), what + " is answered with " + std::to_string(answer->status)};
  if (!answer.ok()) {
    failed(answer.error());
    return answer.error();
  }
  if (!std::exchange(reached_, true))
    LOG(log_, info, found_ ? "Consul answers again" : "found Consul", {"address", net::uv::join_host_port(options_.where.server.host, options_.where.server.port)});
  found_ = true;
  return answer->body.text();
}

void ConsulClient::failed(const core::Error& error) {
  reached_ = false;
  const auto address = net::uv::join_host_port(options_.where.server.host, options_.where.server.port);
  if (!options_.configured && !found_) {
    if (!std::exchange(told_, true)) LOG(log_, debug, "no Consul on this host", {"address", address}, {"error", error});
    return;
  }
  if (warned_at_ && loop_.now() < *warned_at_ + kWarnAgain) return;
  warned_at_ = loop_.now();
  LOG(log_, warn, "Consul does not do as it is asked; tried again and again", {"address", address}, {"error", error});
}

}  // namespace agent::discovery
