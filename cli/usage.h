// SPDX-License-Identifier: MPL-2.0
// What tasks and hosts use, as the nodes' agents tell it, and how it is shown.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cli/api.h"
#include "cli/command.h"
#include "core/model/alloc.h"

namespace cli {

struct TaskUsage {
  struct Cpu {
    double percent = 0, system_mode = 0, user_mode = 0, total_ticks = 0;
    std::uint64_t throttled_periods = 0, throttled_time = 0;
    std::vector<std::string> measured;
    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("Percent", self.percent);
      visit("SystemMode", self.system_mode);
      visit("UserMode", self.user_mode);
      visit("TotalTicks", self.total_ticks);
      visit("ThrottledPeriods", self.throttled_periods);
      visit("ThrottledTime", self.throttled_time);
      visit("Measured", self.measured);
    }
  } cpu;
  struct Memory {
    std::uint64_t rss = 0, cache = 0, swap = 0, usage = 0, max_usage = 0, kernel_usage = 0, kernel_max_usage = 0;
    std::vector<std::string> measured;
    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("RSS", self.rss);
      visit("Cache", self.cache);
      visit("Swap", self.swap);
      visit("Usage", self.usage);
      visit("MaxUsage", self.max_usage);
      visit("KernelUsage", self.kernel_usage);
      visit("KernelMaxUsage", self.kernel_max_usage);
      visit("Measured", self.measured);
    }
  } memory;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("CpuStats", self.cpu);
    visit("MemoryStats", self.memory);
  }
};

// By task; only tasks that run.
core::Result<std::map<std::string, TaskUsage>> usage_of(const Api& api, const core::model::Allocation& alloc);
// "Memory Stats" and "CPU Stats": what was measured.
void show_usage(const Context& context, const TaskUsage& usage);
// The node's own use: "Host Resource Utilization", and with `details` each processor and disk. An
// agent that cannot be asked is an error line, not the end.
void show_host_usage(const Context& context, const Api& api, const core::NodeId& node, bool details);

}  // namespace cli
