// SPDX-License-Identifier: MPL-2.0
#include "core/sched/ports.h"

#include <charconv>
#include <optional>

namespace core::sched {
namespace {

using model::NetworkResource;
using model::Port;

constexpr std::int64_t kPortMax = 65535;
constexpr std::size_t kBitmapWords = (kPortMax + 1) / 64;
// Clients publish a /32. A wider network is a site's own convention; more addresses than this on one
// host are a mistake, and each costs a bitmap.
constexpr std::uint32_t kAddressesPerNetworkMax = 64;
// Random draws before the range is searched from end to end.
constexpr int kRandomDraws = 20;

bool get(const std::vector<std::uint64_t>& bits, std::int64_t port) { return (bits[port / 64] >> (port % 64)) & 1; }
void put(std::vector<std::uint64_t>& bits, std::int64_t port, bool on) {
  const auto mask = std::uint64_t{1} << (port % 64);
  if (on) bits[port / 64] |= mask;
  else bits[port / 64] &= ~mask;
}
bool real(std::int64_t port) { return port > 0 && port <= kPortMax; }

std::optional<std::uint32_t> parse_ipv4(std::string_view text) {
  std::uint32_t address = 0;
  for (int part = 0; part < 4; ++part) {
    std::uint32_t octet = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), octet);
    if (error != std::errc{} || octet > 255) return std::nullopt;
    address = address << 8 | octet;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (part == 3) break;
    if (text.empty() || text.front() != '.') return std::nullopt;
    text.remove_prefix(1);
  }
  return text.empty() ? std::optional(address) : std::nullopt;
}

std::string format_ipv4(std::uint32_t address) {
  return std::to_string(address >> 24) + "." + std::to_string(address >> 16 & 255) + "." +
         std::to_string(address >> 8 & 255) + "." + std::to_string(address & 255);
}

// Every address of the network: its IP if it says one, else those of its CIDR.
std::vector<std::string> addresses_of(const NetworkResource& network) {
  if (!network.ip.empty()) return {network.ip};
  const auto slash = network.cidr.find('/');
  const auto base = network.cidr.substr(0, slash);
  if (base.empty()) return {};
  const auto ipv4 = parse_ipv4(base);
  std::uint32_t bits = 32;
  if (slash != std::string::npos)
    std::from_chars(network.cidr.data() + slash + 1, network.cidr.data() + network.cidr.size(), bits);
  if (!ipv4 || bits >= 32) return {base};
  const auto size = bits == 0 ? kAddressesPerNetworkMax : std::uint64_t{1} << (32 - bits);
  const auto first = bits == 0 ? 0 : *ipv4 & ~((std::uint32_t{1} << (32 - bits)) - 1);
  std::vector<std::string> out;
  for (std::uint32_t i = 0; i < size && i < kAddressesPerNetworkMax; ++i) out.push_back(format_ipv4(first + i));
  return out;
}

template <class Visit>
void each_port(const NetworkResource& network, Visit&& visit) {
  for (const auto& port : network.reserved_ports) visit(port);
  for (const auto& port : network.dynamic_ports) visit(port);
}

std::optional<std::int64_t> draw(const std::vector<std::uint64_t>& taken, PortRange range, Rng& rng) {
  for (int i = 0; i < kRandomDraws; ++i)
    if (const auto port = rng.between(range.first, range.last); !get(taken, port)) return port;
  for (auto port = range.first; port <= range.last; ++port)
    if (!get(taken, port)) return port;
  return std::nullopt;
}

}  // namespace

PortIndex::PortIndex(const model::Node& node) {
  for (const auto& network : node.resources.networks) {
    const auto at = device(network.device, network.mbits);
    for (auto& ip : addresses_of(network))
      addresses_.push_back({std::move(ip), at, std::vector<std::uint64_t>(kBitmapWords)});
  }
  for (const auto& reserved : node.reserved.networks) reserve(reserved);
}

std::size_t PortIndex::device(const std::string& name, std::int64_t mbits) {
  for (std::size_t i = 0; i < devices_.size(); ++i)
    if (devices_[i].name == name) return i;
  devices_.push_back({name, mbits});
  return devices_.size() - 1;
}

void PortIndex::reserve(const NetworkResource& reserved) {
  for (auto& address : addresses_) {
    if (!reserved.ip.empty() && reserved.ip != address.ip) continue;
    if (!reserved.device.empty() && reserved.device != devices_[address.device].name) continue;
    each_port(reserved, [&](const Port& port) {
      if (real(port.value)) put(address.taken, port.value, true);
    });
  }
  for (auto& device : devices_)
    if (device.name == reserved.device) device.used += reserved.mbits;
}

void PortIndex::set(const NetworkResource& network, bool taken) {
  for (auto& address : addresses_) {
    if (address.ip != network.ip) continue;
    each_port(network, [&](const Port& port) {
      if (real(port.value)) put(address.taken, port.value, taken);
    });
    devices_[address.device].used += taken ? network.mbits : -network.mbits;
    return;
  }
}

void PortIndex::add(const model::Allocation& alloc) {
  for (const auto& network : alloc.shared.networks) set(network, true);
  for (const auto& [task, resources] : alloc.task_resources)
    for (const auto& network : resources.networks) set(network, true);
}

void PortIndex::add(const Networks& networks) {
  for (const auto& [task, list] : networks)
    for (const auto& network : list) set(network, true);
}

void PortIndex::remove(const model::Allocation& alloc) {
  for (const auto& network : alloc.shared.networks) set(network, false);
  for (const auto& [task, resources] : alloc.task_resources)
    for (const auto& network : resources.networks) set(network, false);
}

bool PortIndex::try_add(const NetworkResource& network) {
  for (auto& address : addresses_) {
    if (address.ip != network.ip) continue;
    auto& device = devices_[address.device];
    if (network.mbits > 0 && device.used + network.mbits > device.mbits) return false;
    device.used += network.mbits;
    bool free = true;
    each_port(network, [&](const Port& port) {
      if (!real(port.value)) return;
      if (get(address.taken, port.value)) free = false;
      put(address.taken, port.value, true);
    });
    return free;
  }
  return false;
}

bool PortIndex::collides(const Networks& networks) const {
  if (networks.empty()) return false;
  auto trial = *this;
  for (const auto& [task, list] : networks)
    for (const auto& network : list)
      if (!trial.try_add(network)) return true;
  return false;
}

Result<NetworkResource> PortIndex::offer_at(const Address& address, const NetworkResource& ask, PortRange dynamic,
                                            Rng& rng) const {
  const auto& device = devices_[address.device];
  if (ask.mbits > 0 && device.used + ask.mbits > device.mbits) return Error{Errc::rejected, "bandwidth exceeded"};
  auto taken = address.taken;
  auto offer = ask;
  offer.device = device.name;
  offer.ip = address.ip;
  offer.cidr.clear();
  for (auto& port : offer.reserved_ports) {
    if (get(taken, port.value))
      return Error{Errc::rejected, "reserved port collision " + port.label + "=" + std::to_string(port.value)};
    put(taken, port.value, true);
    if (port.to == -1) port.to = port.value;
  }
  for (auto& port : offer.dynamic_ports) {
    const auto drawn = draw(taken, dynamic, rng);
    if (!drawn) return Error{Errc::rejected, "dynamic port selection failed"};
    port.value = *drawn;
    put(taken, port.value, true);
    if (port.to == -1) port.to = port.value;
  }
  return offer;
}

Result<NetworkResource> PortIndex::offer_one(const NetworkResource& ask, PortRange dynamic, Rng& rng) const {
  Error last{Errc::rejected, "no networks available"};
  for (const auto& address : addresses_) {
    auto offer = offer_at(address, ask, dynamic, rng);
    if (offer.ok()) return offer;
    last = std::move(offer).error();
  }
  return last;
}

Result<Networks> PortIndex::offer(const Networks& ask, PortRange dynamic, Rng& rng) const {
  Networks out;
  auto trial = *this;
  for (const auto& [task, list] : ask)
    for (const auto& network : list) {
      TRY(auto offered, trial.offer_one(network, dynamic, rng));
      trial.set(offered, true);
      out[task].push_back(std::move(offered));
    }
  return out;
}

Networks network_ask(const model::PlanGroup& group) {
  Networks ask;
  if (!group.shared.networks.empty()) ask[""] = group.shared.networks;
  for (const auto& [task, resources] : group.tasks)
    if (!resources.networks.empty()) ask[task] = resources.networks;
  return ask;
}

}  // namespace core::sched
