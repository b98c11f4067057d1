// SPDX-License-Identifier: MPL-2.0
#include "core/sched/candidates.h"

#include <algorithm>

#include "core/sched/text.h"

namespace core::sched {
namespace {

model::Amount amount_of(const model::PlanGroup& group) {
  auto sum = model::amount(group.shared);
  for (const auto& [task, resources] : group.tasks) sum += model::amount(resources);
  return sum;
}

}  // namespace

model::PlanGroup plan_group(const model::TaskGroup& group) {
  model::PlanGroup out;
  out.name = group.name;
  for (const auto& task : group.tasks) out.tasks[task.name] = task.resources.value_or(model::Resources{});
  out.shared.disk_mb = group.ephemeral_disk.value_or(model::EphemeralDisk{}).size_mb;
  out.shared.networks = group.networks;
  return out;
}

Room room(const model::Amount& used, const model::Amount& ask, const model::Amount& capacity) {
  if (used.cpu + ask.cpu > capacity.cpu) return Room::cpu;
  if (used.memory_mb + ask.memory_mb > capacity.memory_mb) return Room::memory;
  if (used.disk_mb + ask.disk_mb > capacity.disk_mb) return Room::disk;
  return Room::fits;
}

void Exhausted::count(const Candidate& candidate, std::uint32_t node_class, std::int64_t delta) {
  nodes += delta;
  by_class[node_class] += delta;
  if (candidate.room != Room::fits) short_of[static_cast<std::size_t>(candidate.room)] += delta;
  else port_faults[candidate.port_fault] += delta;
}

Candidates::Candidates(const Fleet& fleet, const model::Job& job, Peers::GroupIndex group, Algorithm algorithm,
                       std::uint64_t rotation)
    : fleet_(fleet),
      job_(job),
      group_(group),
      algorithm_(algorithm),
      asked_(plan_group(job.groups[group])),
      amount_(amount_of(asked_)),
      networks_(network_ask(asked_)),
      feasibility_(fleet, job, job.groups[group]),
      affinities_(job, job.groups[group]),
      affinity_by_class_(affinities_.by_class() ? fleet.classes().size() : 0),
      by_host_(fleet.hosts().size(), -1) {
  exhausted_.by_class.resize(fleet.node_classes().size());
  collect(rotation);
}

void Candidates::collect(std::uint64_t rotation) {
  const auto& hosts = fleet_.hosts();
  std::vector<std::int64_t> available(fleet_.datacenters().size());
  std::vector<char> wanted;
  for (const auto& datacenter : fleet_.datacenters()) wanted.push_back(in_datacenters(job_, datacenter));
  list_.reserve(hosts.size());
  const auto first = hosts.empty() ? 0 : rotation % hosts.size();
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    const auto index = static_cast<HostIndex>((first + i) % hosts.size());
    const auto& host = hosts[index];
    if (!host.takes_work || !wanted[host.datacenter]) continue;
    ++available[host.datacenter];
    ++filtered_.nodes_evaluated;
    if (const auto* reason = feasibility_.refusal(index)) {
      ++filtered_.nodes_filtered;
      ++filtered_.constraint_filtered[*reason];
      if (!host.node->node_class.empty()) ++filtered_.class_filtered[host.node->node_class];
      continue;
    }
    by_host_[index] = static_cast<std::int32_t>(list_.size());
    list_.push_back({.host = index, .affinity = affinity(index)});
  }
  for (const auto& datacenter : job_.datacenters)
    if (datacenter.find('*') == std::string::npos) filtered_.nodes_available[datacenter] = 0;
  for (std::size_t i = 0; i < available.size(); ++i)
    if (available[i] > 0) filtered_.nodes_available[fleet_.datacenters()[i]] = available[i];
}

double Candidates::affinity(HostIndex host) {
  if (affinities_.empty()) return 0;
  const auto& at = fleet_.hosts()[host];
  if (affinity_by_class_.empty()) return affinities_.score(*at.node);
  auto& known = affinity_by_class_[at.computed_class];
  if (!known) known = affinities_.score(*at.node);
  return *known;
}

std::optional<std::size_t> Candidates::find(HostIndex host) const {
  if (by_host_[host] < 0) return std::nullopt;
  return static_cast<std::size_t>(by_host_[host]);
}

Candidate Candidates::judge(HostIndex host, const Occupancy& occupancy, const Peers& peers) const {
  Candidate out{.host = host};
  const auto& capacity = fleet_.hosts()[host].capacity;
  auto used = occupancy.used(host);
  out.room = room(used, amount_, capacity);
  if (out.room != Room::fits) return out;
  used += amount_;
  out.fit = fit_score(used, capacity, algorithm_);
  if (const auto collisions = peers.on(host, group_); collisions > 0)
    out.anti_affinity = anti_affinity_score(collisions, job_.groups[group_].count.value_or(1));
  return out;
}

void Candidates::refresh(const Occupancy& occupancy, const Peers& peers) {
  const auto& changes = occupancy.changes();
  const auto judge_anew = [&](std::size_t i) {
    auto candidate = judge(list_[i].host, occupancy, peers);
    candidate.affinity = list_[i].affinity;
    put(i, candidate);
  };
  if (!seen_) {
    means_.resize(list_.size());
    for (std::size_t i = 0; i < list_.size(); ++i) judge_anew(i);
  } else {
    for (auto at = *seen_; at < changes.size(); ++at)
      if (const auto i = find(changes[at])) judge_anew(*i);
  }
  seen_ = changes.size();
}

void Candidates::put(std::size_t i, Candidate candidate) {
  auto& stored = list_[i];
  if (!stored.will_do()) exhausted_.count(stored, node_class(stored), -1);
  stored = candidate;
  stored.mean = {stored.fit / kFitScoreMax, 1};
  stored.mean.add(stored.anti_affinity);
  stored.mean.add(stored.affinity);
  means_[i] = stored.will_do() ? stored.mean.value() : kOut;
  if (!stored.will_do()) exhausted_.count(stored, node_class(stored), 1);
}

void Candidates::port_fault(std::size_t i, const std::string& why) {
  auto known = std::find(port_faults_.begin() + 1, port_faults_.end(), why);
  if (known == port_faults_.end()) known = port_faults_.insert(known, why);
  auto candidate = list_[i];
  candidate.port_fault = static_cast<std::uint32_t>(known - port_faults_.begin());
  put(i, candidate);
}

}  // namespace core::sched
