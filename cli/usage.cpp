// SPDX-License-Identifier: MPL-2.0
#include "cli/usage.h"

#include <algorithm>
#include <cstdio>

#include "cli/alloc_files.h"
#include "core/base/fields.h"

namespace cli {
namespace {

struct OneTask {
  TaskUsage usage;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) { visit("ResourceUsage", self.usage); }
};
struct AllocUsage {
  std::map<std::string, OneTask> tasks;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) { visit("Tasks", self.tasks); }
};

struct HostCpu {
  std::string name;
  double user = 0, system = 0, idle = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("CPU", self.name);
    visit("User", self.user);
    visit("System", self.system);
    visit("Idle", self.idle);
  }
};
struct HostDisk {
  std::string device, mountpoint;
  std::uint64_t size = 0, used = 0, available = 0;
  double used_percent = 0, inodes_percent = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Device", self.device);
    visit("Mountpoint", self.mountpoint);
    visit("Size", self.size);
    visit("Used", self.used);
    visit("Available", self.available);
    visit("UsedPercent", self.used_percent);
    visit("InodesUsedPercent", self.inodes_percent);
  }
};
struct HostMemory {
  std::uint64_t total = 0, available = 0, used = 0, free = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Total", self.total);
    visit("Available", self.available);
    visit("Used", self.used);
    visit("Free", self.free);
  }
};
struct Host {
  HostMemory memory;
  std::vector<HostCpu> cpus;
  std::vector<HostDisk> disks;
  HostDisk alloc_disk;
  double mhz = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Memory", self.memory);
    visit("CPU", self.cpus);
    visit("DiskStats", self.disks);
    visit("AllocDirStats", self.alloc_disk);
    visit("CPUTicksConsumed", self.mhz);
  }
};

std::string percent(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f%%", value);
  return text;
}

std::string memory_cell(const TaskUsage::Memory& memory, const std::string& name) {
  const std::map<std::string, std::uint64_t> values{{"RSS", memory.rss},           {"Cache", memory.cache},
                                                    {"Swap", memory.swap},         {"Usage", memory.usage},
                                                    {"Max Usage", memory.max_usage}, {"Kernel Usage", memory.kernel_usage},
                                                    {"Kernel Max Usage", memory.kernel_max_usage}};
  const auto it = values.find(name);
  return it == values.end() ? "" : size_text(it->second);
}

std::string cpu_cell(const TaskUsage::Cpu& cpu, const std::string& name) {
  if (name == "Percent") return percent(cpu.percent);
  if (name == "System Mode") return percent(cpu.system_mode);
  if (name == "User Mode") return percent(cpu.user_mode);
  if (name == "Throttled Periods") return std::to_string(cpu.throttled_periods);
  if (name == "Throttled Time") return std::to_string(cpu.throttled_time);
  return "";
}

template <class Cell>
void show_measured(const Context& context, std::string_view title, std::vector<std::string> names, Cell cell) {
  if (names.empty()) return;
  std::sort(names.begin(), names.end());
  Row values;
  for (const auto& name : names) values.push_back(cell(name));
  context.ui.out(std::string(title) + "\n" + table({names, values}));
}

void show_details(const Context& context, const Host& host) {
  std::string text = "\nCPU Stats";
  for (const auto& cpu : host.cpus)
    text += "\n" + key_values({{"CPU", cpu.name}, {"User", percent(cpu.user)}, {"System", percent(cpu.system)}, {"Idle", percent(cpu.idle)}}) + "\n";
  context.ui.out(text);
  context.ui.out("Memory Stats\n" + key_values({{"Total", size_text(host.memory.total)},
                                                {"Available", size_text(host.memory.available)},
                                                {"Used", size_text(host.memory.used)},
                                                {"Free", size_text(host.memory.free)}}));
  text = "\nDisk Stats";
  for (const auto& disk : host.disks)
    text += "\n" + key_values({{"Device", disk.device},
                               {"MountPoint", disk.mountpoint},
                               {"Size", size_text(disk.size)},
                               {"Used", size_text(disk.used)},
                               {"Available", size_text(disk.available)},
                               {"Used Percent", percent(disk.used_percent)},
                               {"Inodes Percent", percent(disk.inodes_percent)}}) + "\n";
  text.pop_back();
  context.ui.out(text);
}

template <class T>
core::Status ask(const Api& api, const core::NodeId& node, const std::string& path, Api::Parameters parameters, T& out) {
  return on_node(api, node, [&](const Api& agent) -> core::Status {
    TRY(const auto reply, agent.get(path, parameters));
    return core::decode(reply.body.root(), out);
  });
}

}  // namespace

core::Result<std::map<std::string, TaskUsage>> usage_of(const Api& api, const core::model::Allocation& alloc) {
  AllocUsage answer;
  TRY(ask(api, alloc.node_id, "/v1/client/allocation/" + path_id(alloc.id.text) + "/stats", {}, answer));
  std::map<std::string, TaskUsage> out;
  for (auto& [name, task] : answer.tasks) out.emplace(name, std::move(task.usage));
  return out;
}

void show_usage(const Context& context, const TaskUsage& usage) {
  show_measured(context, "\nMemory Stats", usage.memory.measured, [&](const std::string& name) { return memory_cell(usage.memory, name); });
  show_measured(context, "\nCPU Stats", usage.cpu.measured, [&](const std::string& name) { return cpu_cell(usage.cpu, name); });
}

void show_host_usage(const Context& context, const Api& api, const core::NodeId& node, bool details) {
  Host host;
  if (const auto asked = ask(api, node, "/v1/client/stats", {{"node_id", node.text}}, host); !asked.ok()) {
    context.ui.out("");
    return context.ui.err("error fetching node stats: " + asked.error().detail);
  }
  char mhz[32];
  std::snprintf(mhz, sizeof mhz, "%.0f MHz", host.mhz);
  context.ui.out("\nHost Resource Utilization\n" +
                 table({{"CPU", "Memory", "Disk"},
                        {mhz, size_text(host.memory.used) + "/" + size_text(host.memory.total), size_text(host.alloc_disk.used) + "/" + size_text(host.alloc_disk.size)}}));
  if (details) show_details(context, host);
}

}  // namespace cli
