// SPDX-License-Identifier: MPL-2.0
// What is used on each host while one plan is made: the fleet's use, less what the plan stops, plus
// what it has placed so far. Ports are looked up only on hosts that placements come near.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "core/sched/fleet.h"

namespace core::sched {

class Occupancy {
 public:
  explicit Occupancy(const Fleet& fleet);

  const model::Amount& used(HostIndex host) const { return used_[host]; }
  // Every host whose use changed, in order; it only grows. Who keeps something by host looks at what
  // came since it looked last.
  const std::vector<HostIndex>& changes() const { return changes_; }
  const PortIndex& ports(HostIndex host);

  // The room of an allocation that runs there is free from now on, or is not after all.
  void release(HostIndex host, const model::Allocation& alloc);
  void restore(HostIndex host, const model::Allocation& alloc);
  void take(HostIndex host, const model::Amount& amount, const Networks& networks);

 private:
  const Fleet& fleet_;
  std::vector<model::Amount> used_;
  std::vector<HostIndex> changes_;
  std::map<HostIndex, PortIndex> ports_;
  // Until a host's ports are looked up.
  std::multimap<HostIndex, const model::Allocation*> released_;
  std::multimap<HostIndex, Networks> taken_;
};

}  // namespace core::sched
