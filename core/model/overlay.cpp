// SPDX-License-Identifier: MPL-2.0
#include "core/model/overlay.h"

#include <algorithm>

namespace core::model {
namespace {

bool by_id(const AllocPtr& a, const AllocPtr& b) { return a->id < b->id; }

// The base's answer with changed allocations in place of the old and new ones added, in id order.
template <class Key>
std::vector<AllocPtr> merged(std::vector<AllocPtr> base, const std::map<AllocId, AllocPtr>& changed,
                             const std::map<Key, std::set<AllocId>>& index, const Key& key) {
  const auto it = index.find(key);
  if (it == index.end()) return base;
  std::erase_if(base, [&](const auto& alloc) { return changed.contains(alloc->id); });
  for (const auto& id : it->second) base.push_back(changed.at(id));
  std::sort(base.begin(), base.end(), by_id);
  return base;
}

}  // namespace

void Overlay::put(AllocPtr alloc) {
  const auto before = this->alloc(alloc->id);
  if (before && !before->terminal()) added_[before->node_id] -= amount(*before);
  if (!alloc->terminal()) added_[alloc->node_id] += amount(*alloc);
  by_node_[alloc->node_id].insert(alloc->id);
  by_job_[alloc->job_key()].insert(alloc->id);
  by_eval_[alloc->eval_id].insert(alloc->id);
  const auto id = alloc->id;
  allocs_[id] = std::move(alloc);
}

void Overlay::add(const Plan& plan) {
  for (const auto& stop : plan.stops) {
    const auto before = alloc(stop.id);
    if (!before) continue;
    auto after = *before;
    after.desired_status = stop.desired_status;
    after.desired_description = stop.description;
    if (stop.client_status) after.client_status = *stop.client_status;
    put(std::make_shared<const Allocation>(std::move(after)));
  }
  const auto job = base_.job(plan.job);
  if (!job || job->version != plan.job_version) return;
  for (const auto& placement : plan.placements)
    put(std::make_shared<const Allocation>(placed_alloc(plan, placement, job)));
}

AllocPtr Overlay::alloc(const AllocId& id) const {
  const auto it = allocs_.find(id);
  return it != allocs_.end() ? it->second : base_.alloc(id);
}

std::vector<AllocPtr> Overlay::allocs_on(const NodeId& node) const {
  return merged(base_.allocs_on(node), allocs_, by_node_, node);
}
std::vector<AllocPtr> Overlay::allocs_of(const JobKey& job) const {
  return merged(base_.allocs_of(job), allocs_, by_job_, job);
}
std::vector<AllocPtr> Overlay::allocs_of(const EvalId& eval) const {
  return merged(base_.allocs_of(eval), allocs_, by_eval_, eval);
}

Amount Overlay::used_on(const NodeId& node) const {
  auto used = base_.used_on(node);
  if (const auto it = added_.find(node); it != added_.end()) used += it->second;
  return used;
}

void Overlay::each_node_use(const std::function<void(const NodePtr&, const Amount&)>& visit) const {
  base_.each_node_use([&](const NodePtr& node, const Amount& used) {
    const auto it = added_.find(node->id);
    if (it == added_.end()) return visit(node, used);
    auto sum = used;
    visit(node, sum += it->second);
  });
}

}  // namespace core::model
