// SPDX-License-Identifier: MPL-2.0
// The interface that tasks' ports are on, its address and its speed.
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "agent/client/executor/posix.h"
#include "agent/client/fingerprint.h"

namespace agent::client {
namespace {

constexpr std::int64_t kUnknownMbits = 1000;

struct Interface {
  std::string name;
  std::string ip;  // empty if it has no usable address
  bool loopback = false;
};

// "eth0 00000000 ...": the line whose destination is everything.
std::string default_route(const std::string& root) {
  const auto text = posix::read_file(root + "/proc/net/route");
  if (!text.ok()) return "";
  for (std::size_t at = 0; at < text->size(); at = text->find('\n', at) + 1) {
    const auto tab = text->find('\t', at);
    if (tab != std::string::npos && text->compare(tab + 1, 8, "00000000") == 0) return text->substr(at, tab - at);
    if (text->find('\n', at) == std::string::npos) break;
  }
  return "";
}

bool link_local(const in6_addr& address) { return IN6_IS_ADDR_LINKLOCAL(&address); }

// Interfaces that are up, each with one address: IPv4 if it has one.
std::vector<Interface> interfaces() {
  std::vector<Interface> all;
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return all;
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owned(list, &::freeifaddrs);
  for (const auto* entry = list; entry != nullptr; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr || (entry->ifa_flags & IFF_UP) == 0) continue;
    const int family = entry->ifa_addr->sa_family;
    if (family != AF_INET && family != AF_INET6) continue;
    char text[INET6_ADDRSTRLEN] = {};
    if (family == AF_INET) {
      ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(entry->ifa_addr)->sin_addr, text, sizeof text);
    } else {
      const auto& address = reinterpret_cast<const sockaddr_in6*>(entry->ifa_addr)->sin6_addr;
      if (link_local(address)) continue;
      ::inet_ntop(AF_INET6, &address, text, sizeof text);
    }
    auto found = std::find_if(all.begin(), all.end(), [&](const Interface& i) { return i.name == entry->ifa_name; });
    if (found == all.end()) found = all.insert(all.end(), {entry->ifa_name, "", (entry->ifa_flags & IFF_LOOPBACK) != 0});
    const bool have_v4 = !found->ip.empty() && found->ip.find(':') == std::string::npos;
    if (!have_v4) found->ip = text;
  }
  return all;
}

const Interface* choose(const std::vector<Interface>& all, const std::string& wanted, const std::string& routed) {
  const auto named = [&](const std::string& name) -> const Interface* {
    for (const auto& item : all)
      if (item.name == name && !item.ip.empty()) return &item;
    return nullptr;
  };
  if (!wanted.empty()) return named(wanted);
  if (const auto* found = named(routed)) return found;
  for (const bool loopback : {false, true})
    for (const auto& item : all)
      if (item.loopback == loopback && !item.ip.empty()) return &item;
  return nullptr;
}

std::int64_t speed_of(const FingerprintOptions& options, const std::string& name) {
  if (options.network_speed > 0) return options.network_speed;
  const auto text = posix::read_file(options.root + "/sys/class/net/" + name + "/speed");
  const auto mbits = text.ok() ? std::atoll(text->c_str()) : 0;
  return mbits > 0 ? mbits : kUnknownMbits;
}

}  // namespace

void fingerprint_network(const FingerprintOptions& options, Fingerprint& out) {
  const auto all = interfaces();
  const auto* chosen = choose(all, options.network_interface, default_route(options.root));
  if (chosen == nullptr) return;
  core::model::NetworkResource network;
  network.mode = "host";
  network.device = chosen->name;
  network.ip = chosen->ip;
  network.cidr = chosen->ip + (chosen->ip.find(':') == std::string::npos ? "/32" : "/128");
  network.mbits = speed_of(options, chosen->name);
  out.resources.networks = {network};
  out.attributes["unique.network.ip-address"] = chosen->ip;
}

}  // namespace agent::client
