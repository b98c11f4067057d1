// SPDX-License-Identifier: MPL-2.0
#include "core/client/dead_allocs.h"

#include <algorithm>

namespace core::client {

void DeadAllocs::add(const AllocId& alloc, WallTime since) {
  if (since_.emplace(alloc, since).second) by_age_.emplace(since, alloc);
}

void DeadAllocs::erase(const AllocId& alloc) {
  const auto it = since_.find(alloc);
  if (it == since_.end()) return;
  by_age_.erase({it->second, alloc});
  since_.erase(it);
}

bool DeadAllocs::disk_short() const {
  return disk_.used_percent > rules_.disk_used_percent || disk_.inodes_used_percent > rules_.inodes_used_percent;
}

std::vector<AllocId> DeadAllocs::pick(std::size_t on_node, std::size_t coming, std::size_t removing) const {
  const auto parallel = std::max<std::size_t>(rules_.parallel, 1);
  if (removing >= parallel) return {};
  const auto staying = on_node + coming - std::min(on_node + coming, removing);
  auto wanted = staying - std::min(staying, rules_.allocs_max);
  // How much a removal frees is known only afterwards: one at a time, then the disk is measured again.
  if (disk_short() && removing == 0) wanted = std::max<std::size_t>(wanted, 1);
  wanted = std::min(wanted, parallel - removing);
  std::vector<AllocId> picked;
  for (const auto& [since, alloc] : by_age_) {
    if (picked.size() >= wanted) break;
    picked.push_back(alloc);
  }
  return picked;
}

std::vector<AllocId> DeadAllocs::all() const {
  std::vector<AllocId> out;
  for (const auto& [since, alloc] : by_age_) out.push_back(alloc);
  return out;
}

}  // namespace core::client
