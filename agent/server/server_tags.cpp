// SPDX-License-Identifier: MPL-2.0
#include "agent/server/server_tags.h"

#include <charconv>

#include "core/base/fields.h"

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

template <class Number>
bool read_number(std::string_view text, Number& out) {
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
  return problem == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::string ServerTags::rpc_address() const {
  const bool v6 = rpc_host.find(':') != std::string::npos;
  return (v6 ? "[" + rpc_host + "]" : rpc_host) + ":" + std::to_string(rpc_port);
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
  if (out.id.empty() || out.region.empty() || !read_number(tag("port"), out.rpc_port)) return std::nullopt;
  if (const auto expect = tag("expect"); !expect.empty() && !read_number(expect, out.expect)) return std::nullopt;
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
