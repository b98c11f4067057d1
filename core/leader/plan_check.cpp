// SPDX-License-Identifier: MPL-2.0
#include "core/leader/plan_check.h"

#include <algorithm>

namespace core::leader {
namespace {

using model::Amount;
using HostPort = std::pair<std::string, std::int64_t>;

// False when a port is taken twice.
bool take_ports(const std::vector<model::NetworkResource>& networks, std::set<HostPort>& taken) {
  for (const auto& network : networks)
    for (const auto* ports : {&network.reserved_ports, &network.dynamic_ports})
      for (const auto& port : *ports)
        if (!taken.emplace(network.ip, port.value).second) return false;
  return true;
}

bool take_ports(const model::Allocation& alloc, std::set<HostPort>& taken) {
  bool free = take_ports(alloc.shared.networks, taken);
  for (const auto& [task, resources] : alloc.task_resources) free = take_ports(resources.networks, taken) && free;
  return free;
}

bool take_ports(const model::Placement& placement, std::set<HostPort>& taken) {
  return std::all_of(placement.networks.begin(), placement.networks.end(),
                     [&](const auto& entry) { return take_ports(entry.second, taken); });
}

// Allocations that a plan stops or replaces no longer count on their node.
void collect_gone(const model::Plan& plan, const NodeId& node, std::set<AllocId>& gone) {
  for (const auto& stop : plan.stops)
    if (stop.node_id == node) gone.insert(stop.id);
  for (const auto& placement : plan.placements)
    if (placement.node_id == node) gone.insert(placement.id);
}

}  // namespace

std::vector<const model::Plan*> PlanCheck::others() const {
  std::vector<const model::Plan*> plans;
  for (const auto& [eval, plan] : in_flight_) plans.push_back(&plan);
  return plans;
}

std::vector<model::Plan> PlanCheck::plans_in_flight() const {
  std::vector<model::Plan> plans;
  for (const auto& [eval, plan] : in_flight_) plans.push_back(plan);
  return plans;
}

// Why the placements cannot go to the node; empty if they can.
std::string PlanCheck::refusal(const NodeId& node_id, const std::vector<const model::Placement*>& placements,
                               const model::Plan& plan, const model::StateView& view) const {
  const auto node = view.node(node_id);
  if (!node) return "node does not exist";
  const bool only_updates = std::all_of(placements.begin(), placements.end(), [&](const auto* placement) {
    return view.alloc(placement->id) != nullptr;
  });
  if (node->status != model::NodeStatus::ready) return "node is not ready for placements";
  if (!only_updates && !node->takes_work()) return "node is not eligible";

  std::set<AllocId> gone;
  collect_gone(plan, node_id, gone);
  const auto others_plans = others();
  for (const auto* other : others_plans) collect_gone(*other, node_id, gone);

  Amount used;
  std::set<HostPort> ports;
  for (const auto& alloc : view.allocs_on(node_id)) {
    if (alloc->terminal() || gone.contains(alloc->id)) continue;
    used += amount(*alloc);
    take_ports(*alloc, ports);
  }
  for (const auto* other : others_plans)
    for (const auto& placement : other->placements)
      if (placement.node_id == node_id) {
        used += amount(*other, placement);
        take_ports(placement, ports);
      }
  for (const auto* placement : placements) {
    used += amount(plan, *placement);
    if (!take_ports(*placement, ports)) return "reserved port collision";
  }
  if (const auto dimension = model::over(used, model::capacity(*node)); !dimension.empty())
    return std::string(dimension) + " exhausted";
  return {};
}

PlanCheck::Verdict PlanCheck::check(model::Plan plan, const model::StateView& view) {
  std::map<NodeId, std::vector<const model::Placement*>> by_node;
  for (const auto& placement : plan.placements) by_node[placement.node_id].push_back(&placement);
  Verdict verdict;
  std::set<NodeId> refused;
  for (const auto& [node, placements] : by_node) {
    auto why = refusal(node, placements, plan, view);
    if (why.empty()) continue;
    refused.insert(node);
    verdict.refused.emplace_back(node, std::move(why));
  }
  verdict.whole = refused.empty();
  verdict.accepted = std::move(plan);
  auto& accepted = verdict.accepted;
  if (!verdict.whole && accepted.all_at_once) {
    accepted.placements.clear();
    accepted.stops.clear();
  }
  // A stop that makes room for a replacement goes only together with it.
  std::set<AllocId> kept_back;
  std::erase_if(accepted.placements, [&](const auto& placement) {
    if (!refused.contains(placement.node_id)) return false;
    kept_back.insert(placement.previous_allocation);
    return true;
  });
  std::erase_if(accepted.stops, [&](const auto& stop) {
    return stop.client_status != model::ClientStatus::lost && kept_back.contains(stop.id);
  });
  if (!accepted.empty()) in_flight_.insert_or_assign(accepted.eval_id, accepted);
  return verdict;
}

}  // namespace core::leader
