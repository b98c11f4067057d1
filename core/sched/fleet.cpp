// SPDX-License-Identifier: MPL-2.0
#include "core/sched/fleet.h"

#include <algorithm>

namespace core::sched {

std::uint32_t Fleet::Names::intern(const std::string& name) {
  const auto [at, added] = index.try_emplace(name, static_cast<std::uint32_t>(names.size()));
  if (added) names.push_back(name);
  return at->second;
}

std::uint32_t Fleet::computed_class(const model::Node& node) {
  if (!node.computed_class.empty()) return classes_.intern(node.computed_class);
  classes_.names.emplace_back();
  return static_cast<std::uint32_t>(classes_.names.size() - 1);
}

Fleet::Fleet(const model::StateView& view) : view_(view) {
  hosts_.reserve(view.node_count());
  view.each_node_use([&](const model::NodePtr& node, const model::Amount& used) {
    hosts_.push_back({.node = node, .capacity = model::capacity(*node), .used = used,
                      .computed_class = computed_class(*node), .node_class = node_classes_.intern(node->node_class),
                      .datacenter = datacenters_.intern(node->datacenter), .takes_work = node->takes_work()});
  });
}

void Fleet::refresh(const model::Plan& plan) {
  for (const auto& stop : plan.stops) refresh(stop.node_id);
  for (const auto& placement : plan.placements) refresh(placement.node_id);
}

void Fleet::refresh(const NodeId& node) {
  if (const auto host = find(node)) hosts_[*host].used = view_.used_on(node);
}

std::optional<HostIndex> Fleet::find(const NodeId& id) const {
  const auto at = std::lower_bound(hosts_.begin(), hosts_.end(), id,
                                   [](const Host& host, const NodeId& wanted) { return host.node->id < wanted; });
  if (at == hosts_.end() || at->node->id != id) return std::nullopt;
  return static_cast<HostIndex>(at - hosts_.begin());
}

PortIndex Fleet::ports(HostIndex host) const {
  PortIndex index(*hosts_[host].node);
  for (const auto& alloc : view_.allocs_on(hosts_[host].node->id))
    if (!alloc->terminal()) index.add(*alloc);
  return index;
}

}  // namespace core::sched
