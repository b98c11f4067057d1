// SPDX-License-Identifier: MPL-2.0
#include "agent/server/regions.h"

#include <algorithm>
#include <set>
#include <utility>

#include "agent/server/server_tags.h"
#include "core/server/methods.h"

namespace agent::server {
namespace {

using core::Errc;
using core::Error;
using core::gossip::Change;
using core::gossip::Member;

// Servers tried for one request.
constexpr std::size_t kTried = 3;

net::uv::Address address_of(const ServerTags& server, const Member& member) {
  // A name would have to be looked up; gossip has an address in any case.
  return {net::uv::is_ip(server.rpc_host) ? server.rpc_host : member.endpoint.ip, server.rpc_port};
}

}  // namespace

std::vector<std::string> Regions::names() const {
  std::set<std::string> found{own_};
  gossip_.members().for_each([&](const Member& member) {
    if (const auto server = server_in(member); server && member.lives()) found.insert(server->region);
  });
  return {found.begin(), found.end()};
}

std::vector<net::uv::Address> Regions::servers_of(const std::string& region) {
  std::vector<net::uv::Address> found;
  gossip_.members().for_each([&](const Member& member) {
    const auto tag = member.tags.find("region");
    if (tag == member.tags.end() || tag->second != region || !member.lives() || member.leaving) return;
    if (const auto server = server_in(member)) found.push_back(address_of(*server, member));
  });
  rng_.shuffle(found);
  std::stable_partition(found.begin(), found.end(), [this](const net::uv::Address& server) { return pool_.connected(server); });
  if (found.size() > kTried) found.resize(kTried);
  return found;
}

void Regions::pass_on(const std::string& region, const net::http::Request& request, const net::http::Responder& responder, net::relay::Hooks hooks) {
  const bool reads = request.method == net::http::Method::get || request.method == net::http::Method::head;
  ask(region, request, responder, std::move(hooks), reads ? std::make_shared<const net::http::Request>(request) : nullptr);
}

void Regions::ask(const std::string& region, const net::http::Request& request, const net::http::Responder& responder, net::relay::Hooks hooks,
                  const std::shared_ptr<const net::http::Request>& again) {
  auto servers = servers_of(region);
  if (servers.empty()) return hooks.on_failed({Errc::rejected, "No path to region"});
  const auto on_head = hooks.on_head;
  const auto on_failed = [this, region, responder, hooks = std::move(hooks), again](const Error& error) {
    const bool lost = error.code == Errc::unavailable || error.code == Errc::unknown_fate;
    // What waited for long may have outlived all servers that were known when it was asked.
    if (again && lost) return ask(region, *again, responder, hooks, nullptr);
    auto told = core::within("region \"" + region + "\"", error);
    if (told.code == Errc::unknown_fate) told.detail += ": the request may or may not have been carried out";
    hooks.on_failed(told);
  };
  net::relay::ask(pool_, core::server::kHttpRequest, std::move(servers), request, responder, {.on_head = on_head, .on_failed = on_failed});
}

void Regions::heard(const core::gossip::MemberEvent& event) {
  if (event.change != Change::failed && event.change != Change::left && event.change != Change::reaped) return;
  const auto server = server_in(event.member);
  if (server && server->region != own_)
    pool_.drop(address_of(*server, event.member), {Errc::unavailable, event.member.name + " " + std::string(to_string(event.change))});
}

}  // namespace agent::server
