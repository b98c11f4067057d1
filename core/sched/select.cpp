// SPDX-License-Identifier: MPL-2.0
#include "core/sched/select.h"

#include <algorithm>

namespace core::sched {

Networks networks_of(const model::Allocation& alloc) {
  Networks out;
  if (!alloc.shared.networks.empty()) out[""] = alloc.shared.networks;
  for (const auto& [task, resources] : alloc.task_resources)
    if (!resources.networks.empty()) out[task] = resources.networks;
  return out;
}

Selector::Selector(const Fleet& fleet, const model::Job& job, const std::vector<model::AllocPtr>& allocs,
                   SelectOptions options, Rng& rng)
    : fleet_(fleet), job_(job), options_(options), rng_(rng), rotation_(rng.next()), occupancy_(fleet), peers_(fleet, job) {
  groups_.reserve(job.groups.size());
  for (GroupIndex group = 0; group < job.groups.size(); ++group)
    groups_.push_back({.distinct = Distinct(peers_, job, group), .spreads = Spreads(peers_, job, group),
                       .candidates = nullptr, .placed = false});
  for (const auto& alloc : allocs) {
    if (alloc->terminal()) continue;
    if (const auto host = fleet.find(alloc->node_id)) peers_.add(peers_.group(alloc->task_group), *host, 1);
  }
}

Candidates& Selector::candidates(GroupIndex group) {
  auto& made = groups_[group].candidates;
  if (!made) made = std::make_unique<Candidates>(fleet_, job_, group, options_.algorithm, rotation_);
  return *made;
}

const model::PlanGroup& Selector::asked(GroupIndex group) { return candidates(group).asked(); }

std::vector<HostIndex> Selector::hosts(const std::vector<NodeId>& nodes) const {
  std::vector<HostIndex> out;
  for (const auto& node : nodes)
    if (const auto host = fleet_.find(node)) out.push_back(*host);
  return out;
}

// Nothing asked is always had: an empty answer.
std::optional<Networks> Selector::try_ports(Candidates& candidates, std::size_t candidate, Scan& scan) {
  if (candidates.networks().empty()) return Networks{};
  const auto host = candidates.list()[candidate].host;
  auto offer = occupancy_.ports(host).offer(candidates.networks(), options_.dynamic_ports, rng_);
  if (offer.ok()) return std::move(offer).value();
  scan.reject(candidate, offer.error().detail);
  return std::nullopt;
}

Selector::Choice Selector::take(Group& group, std::size_t candidate, Networks networks, const Scan& scan) {
  auto& candidates = *group.candidates;
  const auto host = candidates.list()[candidate].host;
  Choice choice{.host = host, .networks = std::move(networks),
                .metrics = scan.metrics(group.placed ? 1 : options_.score_meta_kept, candidate)};
  group.placed = true;
  peers_.add(candidates.group(), host, 1);
  occupancy_.take(host, candidates.amount(), choice.networks);
  return choice;
}

std::variant<Selector::Choice, Selector::Failure> Selector::place(const Wish& wish) {
  auto& group = groups_[wish.group];
  auto& candidates = this->candidates(wish.group);
  if (!group.spreads.empty()) group.spreads.refresh();
  const auto penalty = hosts(wish.penalty);
  candidates.refresh(occupancy_, peers_);
  Scan scan(candidates, {fleet_, group.distinct, group.spreads}, penalty);

  if (const auto preferred = wish.preferred ? fleet_.find(*wish.preferred) : std::nullopt)
    if (const auto there = scan.on(*preferred))
      if (auto networks = try_ports(candidates, *there, scan)) return take(group, *there, std::move(*networks), scan);
  if (const auto best = scan.best()) {
    if (auto networks = try_ports(candidates, *best, scan)) return take(group, *best, std::move(*networks), scan);
    for (const auto next : scan.ranking())
      if (auto networks = try_ports(candidates, next, scan)) return take(group, next, std::move(*networks), scan);
  }
  return Failure{scan.metrics(0, std::nullopt)};
}

void Selector::release(const model::Allocation& alloc) {
  const auto host = fleet_.find(alloc.node_id);
  if (alloc.terminal() || !host || !released_.insert(alloc.id).second) return;
  peers_.add(peers_.group(alloc.task_group), *host, -1);
  occupancy_.release(*host, alloc);
}

void Selector::restore(const model::Allocation& alloc) {
  if (released_.erase(alloc.id) == 0) return;
  const auto host = fleet_.find(alloc.node_id);
  peers_.add(peers_.group(alloc.task_group), *host, 1);
  occupancy_.restore(*host, alloc);
}

std::optional<model::AllocMetric> Selector::update_in_place(const model::Allocation& alloc, GroupIndex group) {
  const auto host = fleet_.find(alloc.node_id);
  if (alloc.terminal() || !host) return std::nullopt;
  auto& candidates = this->candidates(group);
  const auto& node = *fleet_.hosts()[*host].node;
  if (!in_datacenters(job_, node.datacenter) || candidates.feasibility().refusal(*host) != nullptr) return std::nullopt;
  release(alloc);
  const auto judged = candidates.judge(*host, occupancy_, peers_);
  if (groups_[group].distinct.refuses(*host) || judged.room != Room::fits) {
    restore(alloc);
    return std::nullopt;
  }
  peers_.add(group, *host, 1);
  occupancy_.take(*host, candidates.amount(), networks_of(alloc));
  model::AllocMetric metrics;
  metrics.nodes_evaluated = 1;
  metrics.score_meta.push_back(score_meta(node.id, {.fit = judged.fit, .anti_affinity = judged.anti_affinity}));
  return metrics;
}

void Selector::report_classes(GroupIndex group, std::map<std::string, bool>& eligible) {
  candidates(group).feasibility().report_classes(eligible);
}

bool Selector::escapes(GroupIndex group) { return candidates(group).feasibility().escapes(); }

}  // namespace core::sched
