// SPDX-License-Identifier: MPL-2.0
#include "core/sched/changes.h"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace core::sched {
namespace {

using model::NetworkResource;
using model::Task;
using model::TaskGroup;

using Meta = std::map<std::string, std::string>;

// The most specific value wins.
Meta combined_meta(const model::Job& job, const TaskGroup& group, const Task& task) {
  auto meta = task.meta;
  meta.insert(group.meta.begin(), group.meta.end());
  meta.insert(job.meta.begin(), job.meta.end());
  return meta;
}

// Ports by what was asked: the number only of static ones.
auto asked_ports(const NetworkResource& network) {
  std::vector<std::tuple<std::string, std::int64_t, std::int64_t, std::string>> out;
  for (const auto& port : network.reserved_ports) out.emplace_back(port.label, port.value, port.to, port.host_network);
  for (const auto& port : network.dynamic_ports) out.emplace_back(port.label, -1, port.to, port.host_network);
  std::sort(out.begin(), out.end());
  return out;
}

bool same_networks(const std::vector<NetworkResource>& a, const std::vector<NetworkResource>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.mode == y.mode && x.mbits == y.mbits && x.dns == y.dns && asked_ports(x) == asked_ports(y);
  });
}

bool same_resources(const model::Resources& a, const model::Resources& b) {
  return a.cpu == b.cpu && a.cores == b.cores && a.memory_mb == b.memory_mb && a.memory_max_mb == b.memory_max_mb &&
         a.disk_mb == b.disk_mb && a.iops == b.iops && a.devices == b.devices && same_networks(a.networks, b.networks);
}

bool same_task(const Task& a, const Task& b) {
  return a.driver == b.driver && a.user == b.user && a.config == b.config && a.env == b.env && a.kind == b.kind &&
         a.artifacts == b.artifacts && a.vault == b.vault && a.templates == b.templates &&
         a.affinities == b.affinities &&
         same_resources(a.resources.value_or(model::Resources{}), b.resources.value_or(model::Resources{}));
}

bool same_group(const TaskGroup& a, const TaskGroup& b) {
  return a.tasks.size() == b.tasks.size() && a.ephemeral_disk == b.ephemeral_disk && a.affinities == b.affinities &&
         a.spreads == b.spreads && same_networks(a.networks, b.networks);
}

}  // namespace

bool needs_replacement(const model::Job& before, const model::Job& after, std::string_view group_name) {
  const auto* a = before.group(group_name);
  const auto* b = after.group(group_name);
  if (!a || !b || before.affinities != after.affinities || before.spreads != after.spreads || !same_group(*a, *b))
    return true;
  return !std::all_of(a->tasks.begin(), a->tasks.end(), [&](const Task& task) {
    const auto other = std::find_if(b->tasks.begin(), b->tasks.end(), [&](const Task& t) { return t.name == task.name; });
    return other != b->tasks.end() && same_task(task, *other) &&
           combined_meta(before, *a, task) == combined_meta(after, *b, *other);
  });
}

}  // namespace core::sched
