// SPDX-License-Identifier: MPL-2.0
#include <algorithm>
#include <map>

#include "agent/http/routes.h"
#include "core/base/fields.h"

namespace agent::http {

void agent_self(const Call& call) {
  if (!call.is(net::http::Method::get)) return call.invalid_method();
  const auto& self = call.api().self;
  call.ok("{\"config\":" + self.config_json() + ",\"member\":" + self.member_json() + ",\"stats\":" + self.stats_json() + "}");
}

void agent_members(const Call& call) {
  if (!call.is(net::http::Method::get)) return call.invalid_method();
  const auto& self = call.api().self;
  if (!self.server) return call.old_client() ? call.fail(501, "Invalid method") : call.pass_on(self.region);
  if (call.old_client()) return call.ok(self.members_json());
  core::json::Writer w;
  w.begin_object();
  w.key("ServerName");
  w.string(self.name);
  w.key("ServerRegion");
  w.string(self.region);
  w.key("ServerDC");
  w.string(self.datacenter);
  w.key("Members");
  w.raw(self.members_json());
  w.end_object();
  call.ok(w.take());
}

void agent_servers(const Call& call) {
  const auto& self = call.api().self;
  if (!self.servers) return call.fail(501, "Invalid method");
  if (call.is(net::http::Method::get)) {
    auto servers = self.servers();
    std::sort(servers.begin(), servers.end());
    return call.ok(servers.empty() ? "[]" : core::to_json(servers));
  }
  if (!call.writes()) return call.invalid_method();
  std::vector<std::string> addresses;
  for (const auto address : call.request().query.all("address")) addresses.emplace_back(address);
  if (addresses.empty()) return call.fail(400, "missing server address");
  if (const auto set = self.set_servers(std::move(addresses)); !set.ok()) return call.fail(set.error());
  call.ok_empty({});
}

void agent_join(const Call& call) {
  if (!call.writes()) return call.invalid_method();
  if (!call.api().self.join) return call.fail(501, "Invalid method");
  std::vector<std::string> addresses;
  for (const auto address : call.request().query.all("address")) addresses.emplace_back(address);
  if (addresses.empty()) return call.fail(400, "missing address to join");
  call.api().self.join(addresses, [call](const core::Result<std::size_t>& joined) {
    core::json::Writer w;
    w.begin_object();
    w.key("num_joined");
    w.uint64(joined.ok() ? *joined : 0);
    w.key("error");
    w.string(joined.ok() ? "" : joined.error().detail);
    w.end_object();
    call.ok(w.take());
  });
}

// Whoever is not a member, or is alive, stays what it is.
void agent_force_leave(const Call& call) {
  if (!call.writes()) return call.invalid_method();
  if (!call.api().self.force_leave) return call.fail(501, "Invalid method");
  const std::string node(call.request().query.get("node").value_or(""));
  if (node.empty()) return call.fail(400, "missing node to force leave");
  const auto prune = bool_parameter(call.request(), "prune", false);
  if (!prune.ok()) return call.fail(400, prune.error().detail);
  call.api().self.force_leave(node, *prune);
  call.ok_empty({});
}

void agent_health(const Call& call) {
  if (!call.is(net::http::Method::get)) return call.invalid_method();
  const auto& self = call.api().self;
  const auto types = call.request().query.all("type");
  const auto asked = [&](std::string_view type) { return std::find(types.begin(), types.end(), type) != types.end(); };
  std::map<std::string, Health> halves;
  const auto look = [&](const char* type, const std::function<Health()>& half) {
    if (types.empty() ? half != nullptr : asked(type)) halves.emplace(type, half ? half() : Health{false, std::string(type) + " not enabled"});
  };
  look("client", self.client_health);
  look("server", self.server_health);
  auto health = halves.empty() ? std::string("{}") : core::to_json(halves);
  const bool all = std::all_of(halves.begin(), halves.end(), [](const auto& half) { return half.second.ok; });
  if (!all) return call.fail(500, health);
  call.ok(std::move(health));
}

}  // namespace agent::http
