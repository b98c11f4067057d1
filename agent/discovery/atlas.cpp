// SPDX-License-Identifier: MPL-2.0
#include "agent/discovery/atlas.h"

#include <chrono>
#include <utility>

#include "agent/config_ports.h"
#include "agent/discovery/own_places.h"
#include "net/uv/address.h"

namespace agent::discovery {
namespace {

constexpr core::Duration kTimeout = std::chrono::seconds(5);

}  // namespace

std::optional<AtlasVisit> atlas_visit(const config::Config& config) {
  const auto& atlas = config.atlas;
  if (!config.server.enabled || atlas.infrastructure.empty() || atlas.endpoint.empty()) return std::nullopt;
  auto where = net::http::parse_url(atlas.endpoint, config::kHttpPort);
  ASSERT(where.ok());  // the configuration was checked
  AtlasVisit out;
  out.where = {.name = "the rendezvous", .where = std::move(*where), .headers = {}, .timeout = kTimeout, .expected = true};
  out.where.headers.add(kRendezvousTokenHeader, atlas.token.text);
  const auto serf = own_places(config).serf.advertised;
  out.own = {.infrastructure = atlas.infrastructure,
             .peer = {.name = config.node_name + "." + config.region, .region = config.region, .address = net::uv::join_host_port(serf.host, serf.port)}};
  return out;
}

std::optional<std::string> rendezvous_token(const config::Config& config) {
  if (!config.atlas_rendezvous.enabled.value_or(false)) return std::nullopt;
  return config.atlas_rendezvous.token.empty() ? config.atlas.token.text : config.atlas_rendezvous.token.text;
}

}  // namespace agent::discovery
