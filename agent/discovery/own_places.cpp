// SPDX-License-Identifier: MPL-2.0
#include "agent/discovery/own_places.h"

#include "net/uv/interfaces.h"

namespace agent::discovery {
namespace {

Place place(const config::Config& config, const std::string& specific, const std::string& advertised, std::int64_t port) {
  Place out;
  out.bound = {net::uv::reachable_ip(specific.empty() ? config.bind_addr : specific), static_cast<std::uint16_t>(port)};
  const auto given = net::uv::parse_host_port(advertised, out.bound.port);
  out.advertised = advertised.empty() || !given.ok() ? out.bound : *given;
  return out;
}

}  // namespace

OwnPlaces own_places(const config::Config& c) {
  return {.http = place(c, c.addresses.http, c.advertise.http, c.ports.http),
          .rpc = place(c, c.addresses.rpc, c.advertise.rpc, c.ports.rpc),
          .serf = place(c, c.addresses.serf, c.advertise.serf, c.ports.serf)};
}

}  // namespace agent::discovery
