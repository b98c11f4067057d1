// SPDX-License-Identifier: MPL-2.0
#include "agent/server/gossip_options.h"

#include <cstring>
#include <utility>

#include "agent/config_ports.h"
#include "agent/server/server_tags.h"
#include "core/base/digest.h"
#include "core/base/version.h"
#include "net/uv/interfaces.h"

namespace agent::server {
namespace {

using core::Errc;


// The same as long as the data directory is.
core::gossip::Identity identity_of(const core::ServerId& id) {
  const auto digest = core::digest({id.text});
  core::gossip::Identity out;
  std::memcpy(&out.value, digest.bytes.data(), sizeof out.value);
  return out;
}

core::Result<core::gossip::Endpoint> advertised(const config::Config& config, const net::uv::Address& bind) {
  if (config.advertise.serf.empty()) return core::gossip::Endpoint{net::uv::reachable_ip(bind.ip), bind.port};
  constexpr const char* kWhere = "error resolving serf advertise address";
  const auto address = net::uv::parse_host_port(config.advertise.serf, bind.port);
  if (!address.ok()) return core::within(kWhere, address.error());
  if (!net::uv::is_ip(address->host)) return core::within(kWhere, {Errc::invalid, address->host + " is not numeric"});
  return core::gossip::Endpoint{address->host, address->port};
}

core::Result<core::gossip::Tags> tags_of(const config::Config& config, const core::ServerId& id, const std::string& rpc) {
  TRY(const auto where, net::uv::parse_host_port(rpc, config::kRpcPort));
  return to_tags({.region = config.region,
                  .datacenter = config.datacenter,
                  .build = std::string(core::kVersion),
                  .id = id,
                  .rpc_host = where.host,
                  .rpc_port = where.port,
                  .expect = static_cast<std::uint64_t>(config.server.bootstrap_expect)});
}

}  // namespace

core::Result<GossipHost::Options> gossip_options(const config::Config& config, const core::ServerId& id, const std::string& rpc) {
  GossipHost::Options out;
  out.bind = {config.addresses.serf.empty() ? config.bind_addr : config.addresses.serf, static_cast<std::uint16_t>(config.ports.serf)};
  out.gossip.name = config.node_name + "." + config.region;
  out.gossip.identity = identity_of(id);
  TRY(out.gossip.endpoint, advertised(config, out.bind));
  TRY(out.gossip.tags, tags_of(config, id, rpc));
  out.gossip.timing = config.server.gossip_profile == "wan" ? core::gossip::wan() : core::gossip::lan();
  out.cluster = config.server.cluster_name;
  out.directory = config.server.data_dir + "/gossip";
  TRY(core::gossip::check({out.gossip.name, {}, {}, out.gossip.endpoint, out.gossip.tags}));
  return out;
}

}  // namespace agent::server
