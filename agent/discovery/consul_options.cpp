// SPDX-License-Identifier: MPL-2.0
#include "agent/discovery/consul_options.h"

#include <utility>

#include "core/base/base64.h"

namespace agent::discovery {
namespace {

constexpr std::uint16_t kConsulPort = 8500;

}  // namespace

core::Result<HttpService::Options> consul_options(const config::Consul& config) {
  if (config.ssl) return core::Error{core::Errc::unsupported, "consul.ssl: https is not spoken by this release"};
  auto where = net::http::parse_url(config.address, kConsulPort);
  if (!where.ok()) return core::within("consul.address", where.error());
  HttpService::Options out{.name = "Consul", .where = std::move(*where), .headers = {}, .timeout = config.timeout, .expected = config.configured};
  if (!config.token.empty()) out.headers.add("X-Consul-Token", config.token.text);
  if (!config.auth.empty()) out.headers.add("Authorization", "Basic " + core::to_base64(config.auth.text));
  if (!config.ns.empty()) out.headers.add("X-Consul-Namespace", config.ns);
  return out;
}

}  // namespace agent::discovery
