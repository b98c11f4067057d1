// SPDX-License-Identifier: MPL-2.0
#include "agent/client/task_gauges.h"

#include <array>
#include <utility>

#include "agent/client/task_counters.h"

namespace agent::client {
namespace {

enum Place : std::size_t {
  cpu_allocated, cpu_user, cpu_system, cpu_percent, cpu_ticks, memory_allocated, memory_rss,
  throttled_periods, throttled_time, memory_cache, memory_swap, memory_usage, memory_max_usage, memory_kernel, memory_max_kernel,
  kPlaces
};
constexpr std::array<const char*, kPlaces> kNames{
    "cpu.allocated", "cpu.user", "cpu.system", "cpu.total_percent", "cpu.total_ticks", "memory.allocated", "memory.rss",
    "cpu.throttled_periods", "cpu.throttled_time", "memory.cache", "memory.swap", "memory.usage", "memory.max_usage",
    "memory.kernel_usage", "memory.kernel_max_usage"};
// From here on: what only control groups tell.
constexpr std::size_t kOfCgroups = throttled_periods;

double as_number(std::uint64_t count) { return static_cast<double>(count); }

}  // namespace

TaskGauges::TaskGauges(core::metrics::Registry& registry, core::metrics::Labels labels, double mhz)
    : registry_(registry), labels_(std::move(labels)), mhz_(mhz) {}

void TaskGauges::begin() {
  for (auto& [id, task] : tasks_) task.runs = false;
}

void TaskGauges::end() {
  std::erase_if(tasks_, [this](const auto& item) {
    if (item.second.runs) return false;
    for (const auto& gauge : item.second.gauges) registry_.forget(gauge);
    return true;
  });
}

TaskGauges::Known& TaskGauges::known(const core::model::Allocation& alloc, const std::string& task, bool by_cgroup) {
  auto& found = tasks_[{alloc.id, task}];
  if (!found.gauges.empty()) return found;
  const auto labels = task_labels(labels_, alloc, task);
  const auto count = by_cgroup ? kPlaces : kOfCgroups;
  for (std::size_t i = 0; i < count; ++i) found.gauges.push_back(registry_.gauge(std::string("nomad.client.allocs.") + kNames[i], labels));
  return found;
}

void TaskGauges::set(const core::model::Allocation& alloc, const std::string& task, const TaskUse& use, core::Instant now) {
  auto& known_task = known(alloc, task, use.by_cgroup);
  known_task.runs = true;
  const auto& gauges = known_task.gauges;
  // A task that was started anew counts from nothing again.
  const auto percent = [&](std::uint64_t before, std::uint64_t after) {
    if (!known_task.looked_at || now <= *known_task.looked_at || after < before) return 0.0;
    return 100 * as_number(after - before) / static_cast<double>((now - *known_task.looked_at).count());
  };
  const double user = percent(known_task.user_ns, use.cpu_user_ns);
  const double system = percent(known_task.system_ns, use.cpu_system_ns);
  known_task.looked_at = now;
  known_task.user_ns = use.cpu_user_ns;
  known_task.system_ns = use.cpu_system_ns;
  gauges[cpu_user].set(user);
  gauges[cpu_system].set(system);
  gauges[cpu_percent].set(user + system);
  gauges[cpu_ticks].set((user + system) / 100 * mhz_);
  gauges[memory_rss].set(as_number(use.rss_bytes));
  if (const auto given = alloc.task_resources.find(task); given != alloc.task_resources.end()) {
    gauges[cpu_allocated].set(static_cast<double>(given->second.cpu));
    gauges[memory_allocated].set(static_cast<double>(given->second.memory_mb) * 1024 * 1024);
  }
  if (!use.by_cgroup || gauges.size() < kPlaces) return;
  gauges[throttled_periods].set(as_number(use.throttled_periods));
  gauges[throttled_time].set(as_number(use.throttled_ns));
  gauges[memory_cache].set(as_number(use.cache_bytes));
  gauges[memory_swap].set(as_number(use.swap_bytes));
  gauges[memory_usage].set(as_number(use.memory_bytes));
  // Not every kernel tells of these.
  for (const auto& [place, bytes] : {std::pair{memory_max_usage, use.memory_max_bytes}, {memory_kernel, use.kernel_bytes},
                                     {memory_max_kernel, use.kernel_max_bytes}})
    if (bytes > 0) gauges[place].set(as_number(bytes));
}

}  // namespace agent::client
