// SPDX-License-Identifier: MPL-2.0
#include "core/sched/peers.h"

#include <algorithm>

namespace core::sched {

PropertyCounts::PropertyCounts(const Fleet& fleet, std::string_view target) {
  const Target property(target);
  std::map<std::string, Value, std::less<>> known;
  by_host_.reserve(fleet.hosts().size());
  for (const auto& host : fleet.hosts()) {
    const auto value = property.on(*host.node);
    if (!value) {
      by_host_.push_back(kMissing);
      continue;
    }
    auto at = known.find(*value);
    if (at == known.end()) {
      at = known.emplace(std::string(*value), static_cast<Value>(values_.size())).first;
      values_.emplace_back(*value);
    }
    by_host_.push_back(at->second);
  }
  counts_.resize(values_.size());
}

void PropertyCounts::add(HostIndex host, std::int64_t delta) {
  if (by_host_[host] != kMissing) counts_[static_cast<std::size_t>(by_host_[host])] += delta;
}

Peers::Peers(const Fleet& fleet, const model::Job& job)
    : fleet_(fleet), of_job_(fleet.hosts().size()), of_group_(job.groups.size(), of_job_) {
  for (const auto& group : job.groups) names_.push_back(group.name);
}

void Peers::add(std::optional<GroupIndex> group, HostIndex host, std::int64_t delta) {
  of_job_[host] += static_cast<std::int32_t>(delta);
  if (group) of_group_[*group][host] += static_cast<std::int32_t>(delta);
  for (auto& tracked : properties_)
    if (!tracked.group || tracked.group == group) tracked.counts.add(host, delta);
}

std::optional<Peers::GroupIndex> Peers::group(std::string_view name) const {
  const auto at = std::find(names_.begin(), names_.end(), name);
  if (at == names_.end()) return std::nullopt;
  return static_cast<GroupIndex>(at - names_.begin());
}

Peers::Property Peers::track(std::string_view target, std::optional<GroupIndex> group) {
  properties_.push_back({group, PropertyCounts(fleet_, target)});
  return properties_.size() - 1;
}

}  // namespace core::sched
