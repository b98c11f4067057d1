// SPDX-License-Identifier: MPL-2.0
#include "agent/discovery/consul_upkeep.h"

#include <algorithm>
#include <chrono>

#include "agent/discovery/own_places.h"
#include "core/base/digest.h"

namespace agent::discovery {
namespace {

using namespace std::chrono_literals;

constexpr core::Duration kEvery = 30s, kAfterFailure = 1s;

struct Kind {
  std::string role, name, tag, check_name;
  std::string path;  // of an HTTP check; empty: a TCP check
  std::string timeout = "3s";
};

ConsulService service(const config::Consul& consul, const Kind& kind, const Place& at) {
  ConsulService out{.id = {}, .name = kind.name, .address = at.advertised.host, .port = at.advertised.port, .tags = {kind.tag}, .check = {}};
  out.tags.insert(out.tags.end(), consul.tags.begin(), consul.tags.end());
  const auto& checked = consul.checks_use_advertise ? at.advertised : at.bound;
  const auto address = net::uv::join_host_port(checked.host, checked.port);
  out.check = {.id = {}, .name = kind.check_name, .http = {}, .tcp = {}, .interval = "10s", .timeout = kind.timeout};
  if (kind.path.empty()) out.check.tcp = address;
  else out.check.http = "http://" + address + kind.path;
  const auto digest = core::to_hex(core::digest({encode_registration(out)}));
  out.id = "_nomad-" + kind.role + "-" + digest;
  out.check.id = "_nomad-check-" + digest;
  return out;
}

}  // namespace

std::vector<ConsulService> consul_services(const config::Config& c) {
  const auto& consul = c.consul;
  const auto places = own_places(c);
  std::vector<ConsulService> out;
  if (c.server.enabled) {
    const auto& name = consul.server_service_name;
    out.push_back(service(consul, {"server", name, "http", consul.server_http_check_name, "/v1/agent/health?type=server", "5s"}, places.http));
    out.push_back(service(consul, {"server", name, "rpc", consul.server_rpc_check_name, {}}, places.rpc));
    out.push_back(service(consul, {"server", name, "serf", consul.server_serf_check_name, {}}, places.serf));
  }
  if (c.client.enabled)
    out.push_back(service(consul, {"client", consul.client_service_name, "http", consul.client_http_check_name, "/v1/agent/health?type=client", "5s"}, places.http));
  return out;
}

std::vector<ConsulService> ConsulUpkeep::missing(const std::map<std::string, ConsulService>& there) const {
  std::vector<ConsulService> out;
  for (const auto& own : services_) {
    const auto found = there.find(own.id);
    const bool as_it_should = found != there.end() && found->second.name == own.name && found->second.address == own.address &&
                              found->second.port == own.port && found->second.tags == own.tags;
    if (!as_it_should) out.push_back(own);
  }
  return out;
}

void ConsulUpkeep::succeeded(core::Instant now) {
  failures_ = 0;
  next_round_ = now + kEvery;
}

void ConsulUpkeep::failed(core::Instant now) {
  ++failures_;
  next_round_ = now + std::min<core::Duration>(kAfterFailure * failures_, kEvery);
}

}  // namespace agent::discovery
