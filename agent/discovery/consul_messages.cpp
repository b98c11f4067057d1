// SPDX-License-Identifier: MPL-2.0
#include "agent/discovery/consul_messages.h"

#include <algorithm>

#include "net/uv/address.h"

namespace agent::discovery {
namespace {

constexpr std::size_t kPortMax = 65535;
// What becomes an attribute of every node.
constexpr std::size_t kWordBytesMax = 256;

struct SelfReply {
  struct Config {
    std::string version, revision, datacenter, name;
    bool server = false;
    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("Version", self.version);
      visit("Revision", self.revision);
      visit("Datacenter", self.datacenter);
      visit("NodeName", self.name);
      visit("Server", self.server);
    }
  } config;
  struct Member {
    std::map<std::string, std::string> tags;
    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("Tags", self.tags);
    }
  } member;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Config", self.config);
    visit("Member", self.member);
  }
};

struct Instance {
  std::string node_address, address;  // of the node it runs on; its own, if it has one
  std::int64_t port = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Address", self.node_address);
    visit("ServiceAddress", self.address);
    visit("ServicePort", self.port);
  }
};

struct Registered {
  std::string name, address;
  std::int64_t port = 0;
  std::vector<std::string> tags;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Service", self.name);
    visit("Address", self.address);
    visit("Port", self.port);
    visit("Tags", self.tags);
  }
};

template <class T>
core::Result<T> decoded(core::ByteView body) {
  auto out = core::from_json<T>(body);
  if (!out.ok()) return core::Error{core::Errc::corrupt, "Consul says something else: " + out.error().detail};
  return out;
}

}  // namespace

core::Result<ConsulSelf> decode_consul_self(core::ByteView body) {
  TRY(auto reply, decoded<SelfReply>(body));
  auto& config = reply.config;
  if (config.version.empty() && config.datacenter.empty()) return core::Error{core::Errc::corrupt, "Consul says nothing of itself"};
  ConsulSelf out{.version = std::move(config.version),
                 .revision = std::move(config.revision),
                 .datacenter = std::move(config.datacenter),
                 .name = std::move(config.name),
                 .segment = {},
                 .server = config.server};
  if (const auto segment = reply.member.tags.find("segment"); segment != reply.member.tags.end()) out.segment = segment->second;
  for (const auto* word : {&out.version, &out.revision, &out.datacenter, &out.name, &out.segment})
    if (word->size() > kWordBytesMax) return core::Error{core::Errc::corrupt, "Consul says too much of itself"};
  return out;
}

core::Result<std::vector<std::string>> decode_consul_datacenters(core::ByteView body) {
  TRY(auto names, decoded<std::vector<std::string>>(body));
  std::erase(names, "");
  if (names.empty()) return core::Error{core::Errc::corrupt, "Consul knows no datacenter"};
  return names;
}

core::Result<Addresses> decode_consul_addresses(core::ByteView body) {
  TRY(const auto instances, decoded<std::vector<Instance>>(body));
  Addresses out;
  for (const auto& instance : instances) {
    const auto& host = instance.address.empty() ? instance.node_address : instance.address;
    if (!usable_host(host) || instance.port < 1 || instance.port > static_cast<std::int64_t>(kPortMax)) continue;
    auto address = net::uv::join_host_port(host, static_cast<std::uint16_t>(instance.port));
    if (std::find(out.begin(), out.end(), address) == out.end()) out.push_back(std::move(address));
    if (out.size() == kAddressesMax) break;
  }
  return out;
}

std::string encode_registration(const ConsulService& service) {
  core::json::Writer w;
  const auto text = [&](const char* key, const std::string& value) {
    if (value.empty()) return;
    w.key(key);
    w.string(value);
  };
  w.begin_object();
  text("ID", service.id);
  text("Name", service.name);
  text("Address", service.address);
  w.key("Port");
  w.uint64(service.port);
  w.key("Tags");
  core::encode(w, service.tags);
  w.key("Meta");
  w.raw(R"({"external-source":"nomad"})");
  w.key("Check");
  w.begin_object();
  text("CheckID", service.check.id);
  text("Name", service.check.name);
  text("HTTP", service.check.http);
  text("TCP", service.check.tcp);
  text("Interval", service.check.interval);
  text("Timeout", service.check.timeout);
  w.end_object();
  w.end_object();
  return w.take();
}

core::Result<std::map<std::string, ConsulService>> decode_registered(core::ByteView body) {
  using Reply = std::map<std::string, Registered>;
  TRY(auto reply, decoded<Reply>(body));
  std::map<std::string, ConsulService> out;
  for (auto& [id, there] : reply) {
    const auto port = there.port >= 0 && there.port <= static_cast<std::int64_t>(kPortMax) ? static_cast<std::uint16_t>(there.port) : std::uint16_t{0};
    out.emplace(id, ConsulService{.id = id, .name = std::move(there.name), .address = std::move(there.address), .port = port, .tags = std::move(there.tags), .check = {}});
  }
  return out;
}

}  // namespace agent::discovery
