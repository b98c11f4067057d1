// SPDX-License-Identifier: MPL-2.0
#include "agent/server/server_tags.h"


#include "core/base/fields.h"
#include "core/base/integer.h"
#include "net/uv/address.h"

namespace agent::server {
namespace {

constexpr const char* kRole = "nomad";

void encode_member(core::json::Writer& w, const core::gossip::Member& member) {
  const auto text = [&](std::string_view key, std::string_view value) {
    w.key(key);
    w.string(value);
  };
  w.begin_object();
  text("Name", member.name);
  text("Addr", member.endpoint.ip);
  w.key("Port");
  w.int64(member.endpoint.port);
  w.key("Tags");
  core::encode(w, member.tags);
  text("Status", to_string(member.standing()));
  for (const auto* key : {"ProtocolMin", "ProtocolMax", "ProtocolCur", "DelegateMin", "DelegateMax", "DelegateCur"}) {
    w.key(key);
    w.int64(1);
  }
  w.end_object();
}

}  // namespace

std::string ServerTags::rpc_address() const {
  return net::uv::join_host_port(rpc_host, rpc_port);
}

core::gossip::Tags to_tags(const ServerTags& server) {
  core::gossip::Tags tags{{"role", kRole},           {"region", server.region}, {"dc", server.datacenter},
                          {"build", server.build},   {"id", server.id.text},    {"rpc_addr", server.rpc_host},
                          {"port", std::to_string(server.rpc_port)},            {"vsn", "1"},
                          {"mvn", "1"},              {"raft_vsn", "3"}};
  if (server.expect == 1) tags["bootstrap"] = "1";
  if (server.expect > 0) tags["expect"] = std::to_string(server.expect);
  return tags;
}

std::optional<ServerTags> server_in(const core::gossip::Member& member) {
  const auto tag = [&](const char* key) {
    const auto it = member.tags.find(key);
    return it == member.tags.end() ? std::string() : it->second;
  };
  if (tag("role") != kRole) return std::nullopt;
  ServerTags out;
  out.region = tag("region");
  out.datacenter = tag("dc");
  out.build = tag("build");
  out.id.text = tag("id");
  out.rpc_host = tag("rpc_addr");
  if (out.rpc_host.empty()) out.rpc_host = member.endpoint.ip;
  const auto port = core::parse_integer<decltype(out.rpc_port)>(tag("port"));
  const auto expect = core::parse_integer<decltype(out.expect)>(tag("expect").empty() ? "0" : tag("expect"));
  if (out.id.empty() || out.region.empty() || !port || !expect) return std::nullopt;
  out.rpc_port = *port;
  out.expect = *expect;
  return out;
}

std::string member_json(const core::gossip::Member& member) {
  core::json::Writer w;
  encode_member(w, member);
  return w.take();
}

std::string members_json(const core::gossip::MemberTable& members) {
  core::json::Writer w;
  w.begin_array();
  members.for_each([&](const core::gossip::Member& member) { encode_member(w, member); });
  w.end_array();
  return w.take();
}

}  // namespace agent::server
