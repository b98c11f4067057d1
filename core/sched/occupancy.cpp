// SPDX-License-Identifier: MPL-2.0
#include "core/sched/occupancy.h"

namespace core::sched {

Occupancy::Occupancy(const Fleet& fleet) : fleet_(fleet) {
  used_.reserve(fleet.hosts().size());
  for (const auto& host : fleet.hosts()) used_.push_back(host.used);
}

const PortIndex& Occupancy::ports(HostIndex host) {
  if (const auto known = ports_.find(host); known != ports_.end()) return known->second;
  auto& index = ports_.emplace(host, fleet_.ports(host)).first->second;
  const auto released = released_.equal_range(host);
  for (auto at = released.first; at != released.second; ++at) index.remove(*at->second);
  released_.erase(released.first, released.second);
  const auto taken = taken_.equal_range(host);
  for (auto at = taken.first; at != taken.second; ++at) index.add(at->second);
  taken_.erase(taken.first, taken.second);
  return index;
}

void Occupancy::release(HostIndex host, const model::Allocation& alloc) {
  used_[host] -= model::amount(alloc);
  changes_.push_back(host);
  if (const auto known = ports_.find(host); known != ports_.end()) known->second.remove(alloc);
  else released_.emplace(host, &alloc);
}

void Occupancy::restore(HostIndex host, const model::Allocation& alloc) {
  used_[host] += model::amount(alloc);
  changes_.push_back(host);
  if (const auto known = ports_.find(host); known != ports_.end()) return known->second.add(alloc);
  const auto released = released_.equal_range(host);
  for (auto at = released.first; at != released.second; ++at)
    if (at->second == &alloc) {
      released_.erase(at);
      return;
    }
}

void Occupancy::take(HostIndex host, const model::Amount& amount, const Networks& networks) {
  used_[host] += amount;
  changes_.push_back(host);
  if (networks.empty()) return;
  if (const auto known = ports_.find(host); known != ports_.end()) known->second.add(networks);
  else taken_.emplace(host, networks);
}

}  // namespace core::sched
