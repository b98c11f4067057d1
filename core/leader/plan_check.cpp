// SPDX-License-Identifier: MPL-2.0
#include "core/leader/plan_check.h"

#include <algorithm>
#include <optional>

#include "core/sched/ports.h"

namespace core::leader {
namespace {

// A plan without ports pays nothing for them.
bool asks_for_network(const std::vector<const model::Placement*>& placements) {
  return std::any_of(placements.begin(), placements.end(), [](const auto* p) { return !p->networks.empty(); });
}

// Takes out the placements on refused nodes, and the stops that only made room for them. The nodes that
// keep what was to be stopped: another placement may have counted on its room.
std::set<NodeId> cut(model::Plan& plan, const std::set<NodeId>& refused) {
  std::set<AllocId> kept_back;
  std::erase_if(plan.placements, [&](const auto& placement) {
    if (!refused.contains(placement.node_id)) return false;
    if (!placement.previous_allocation.empty()) kept_back.insert(placement.previous_allocation);
    return true;
  });
  std::set<NodeId> fuller;
  std::erase_if(plan.stops, [&](const auto& stop) {
    if (stop.client_status == model::ClientStatus::lost || !kept_back.contains(stop.id)) return false;
    fuller.insert(stop.node_id);
    return true;
  });
  return fuller;
}

}  // namespace

PlanCheck::Parts PlanCheck::parts_of(const model::Plan& plan) {
  Parts parts;
  for (const auto& stop : plan.stops) parts[stop.node_id].gone.insert(stop.id);
  for (const auto& placement : plan.placements) {
    auto& part = parts[placement.node_id];
    part.placements.push_back(&placement);
    part.gone.insert(placement.id);
  }
  return parts;
}

// Why the placements cannot go to the node; empty if they can.
std::string PlanCheck::refusal(const NodeId& id, const Part& part, const model::Plan& plan,
                               const model::StateView& view) const {
  const auto node = view.node(id);
  if (!node) return "node does not exist";
  if (node->status != model::NodeStatus::ready) return "node is not ready for placements";
  const bool only_updates = std::all_of(part.placements.begin(), part.placements.end(), [&](const auto* placement) {
    return view.alloc(placement->id) != nullptr;
  });
  if (!only_updates && !node->takes_work()) return "node is not eligible";
  return fits(*node, part, plan, view);
}

std::string PlanCheck::fits(const model::Node& node, const Part& part, const model::Plan& plan,
                            const model::StateView& view) const {
  std::vector<const Accepted*> others;
  if (const auto it = by_node_.find(node.id); it != by_node_.end())
    for (const auto ticket : it->second) others.push_back(&in_flight_.at(ticket));
  auto gone = part.gone;
  for (const auto* other : others) gone.insert(other->parts.at(node.id).gone.begin(), other->parts.at(node.id).gone.end());

  // A node may run thousands: what they use is known, and only those that go are looked at.
  auto used = view.used_on(node.id);
  for (const auto& id : gone)
    if (const auto alloc = view.alloc(id); alloc && alloc->node_id == node.id && !alloc->terminal()) used -= amount(*alloc);

  const bool network = asks_for_network(part.placements);
  std::optional<sched::PortIndex> ports;
  if (network) {
    ports.emplace(node);
    for (const auto& alloc : view.allocs_on(node.id))
      if (!alloc->terminal() && !gone.contains(alloc->id)) ports->add(*alloc);
  }
  for (const auto* other : others)
    for (const auto* placement : other->parts.at(node.id).placements) {
      used += amount(other->plan, *placement);
      if (network) ports->add(placement->networks);
    }
  for (const auto* placement : part.placements) {
    used += amount(plan, *placement);
    if (!network) continue;
    if (ports->collides(placement->networks)) return "reserved port collision";
    ports->add(placement->networks);
  }
  const auto dimension = model::over(used, model::capacity(node));
  return dimension.empty() ? std::string() : std::string(dimension) + " exhausted";
}

// The nodes of `among` on which the plan's placements do not fit; noted in the verdict with why.
std::set<NodeId> PlanCheck::refuse(const std::set<NodeId>& among, const model::Plan& plan, const model::StateView& view,
                                   Verdict& verdict) const {
  std::set<NodeId> refused;
  const auto parts = parts_of(plan);
  for (const auto& node : among) {
    const auto part = parts.find(node);
    if (part == parts.end() || part->second.placements.empty()) continue;  // stops always fit
    auto why = refusal(node, part->second, plan, view);
    if (why.empty()) continue;
    refused.insert(node);
    verdict.refused.emplace_back(node, std::move(why));
  }
  return refused;
}

PlanCheck::Verdict PlanCheck::check(model::Plan plan, const model::StateView& view) {
  Verdict verdict;
  std::set<NodeId> doubtful;
  for (const auto& placement : plan.placements) doubtful.insert(placement.node_id);
  // What is cut off keeps allocations running that were to make room, so that more may have to go.
  while (!doubtful.empty()) {
    const auto refused = refuse(doubtful, plan, view, verdict);
    doubtful = cut(plan, refused);
  }
  std::sort(verdict.refused.begin(), verdict.refused.end());
  verdict.whole = verdict.refused.empty();
  verdict.accepted = std::move(plan);
  auto& accepted = verdict.accepted;
  if (!verdict.whole && accepted.all_at_once) {
    accepted.placements.clear();
    accepted.stops.clear();
  }
  if (!accepted.empty()) verdict.ticket = remember(accepted);
  return verdict;
}

PlanCheck::Ticket PlanCheck::remember(const model::Plan& plan) {
  const auto ticket = ++last_ticket_;
  auto& accepted = in_flight_[ticket];
  accepted.plan = plan;
  for (auto& placement : accepted.plan.placements) placement.metrics = {};  // much memory, and nobody asks
  accepted.parts = parts_of(accepted.plan);
  for (const auto& [node, part] : accepted.parts) by_node_[node].insert(ticket);
  return ticket;
}

void PlanCheck::settle(Ticket ticket) {
  const auto accepted = in_flight_.extract(ticket);
  if (accepted.empty()) return;
  for (const auto& [node, part] : accepted.mapped().parts) {
    const auto it = by_node_.find(node);
    it->second.erase(ticket);
    if (it->second.empty()) by_node_.erase(it);
  }
}

std::vector<model::Plan> PlanCheck::plans_in_flight() const {
  std::vector<model::Plan> plans;
  for (const auto& [ticket, accepted] : in_flight_) plans.push_back(accepted.plan);
  return plans;
}

}  // namespace core::leader
