// SPDX-License-Identifier: MPL-2.0
#include "agent/client/executor/cgroup.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "agent/client/executor/posix.h"

namespace agent::client {
namespace {

using core::Status;

constexpr const char* kParent = "/nomad";
// Controllers that a task is put under, where the host has them.
constexpr const char* kControllers[] = {"cpu", "cpuacct", "freezer", "memory"};
constexpr std::uint64_t kTickNs = 10'000'000;  // v1 counts user and system time in hundredths of a second

std::vector<std::string_view> split(std::string_view text, char by) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const auto part = text.substr(0, text.find(by));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    if (!part.empty()) parts.push_back(part);
  }
  return parts;
}

std::uint64_t to_number(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::uint64_t read_number(const std::string& path) {
  const auto text = posix::read_file(path);
  return text.ok() ? to_number(*text) : 0;
}

// "key value" lines.
std::uint64_t read_key(const std::string& path, std::string_view key) {
  const auto text = posix::read_file(path);
  if (!text.ok()) return 0;
  for (const auto line : split(*text, '\n'))
    if (line.size() > key.size() && line.starts_with(key) && line[key.size()] == ' ') return to_number(line.substr(key.size() + 1));
  return 0;
}

// v1 shares of 2..262144 on v2's scale of 1..10000.
std::uint64_t weight_of(std::uint64_t shares) {
  const auto bounded = std::clamp<std::uint64_t>(shares, 2, 262144);
  return 1 + (bounded - 2) * 9999 / 262142;
}

Status write_number(const std::string& path, std::uint64_t value) { return posix::write_file(path, std::to_string(value)); }

Status make(const std::string& path) {
  if (::mkdir(path.c_str(), 0755) != 0 && errno != EEXIST) return posix::failure("mkdir " + path);
  return core::ok_status();
}

}  // namespace

std::string CgroupTree::mount_point() const {
  if (v2()) return unified;
  if (legacy.empty()) return "";
  const auto& any = legacy.begin()->second;
  return any.substr(0, any.rfind('/'));
}

CgroupTree parse_cgroup_tree(std::string_view mountinfo) {
  CgroupTree tree;
  std::string unified;
  for (const auto line : split(mountinfo, '\n')) {
    // 36 35 98:0 /root /mount/point rw,noatime shared:1 - type source options
    const auto separator = line.find(" - ");
    if (separator == std::string_view::npos) continue;
    const auto before = split(line.substr(0, separator), ' ');
    const auto after = split(line.substr(separator + 3), ' ');
    if (before.size() < 5 || after.size() < 3) continue;
    if (after[0] == "cgroup2") unified = before[4];
    if (after[0] != "cgroup") continue;
    for (const auto option : split(after[2], ','))
      if (std::find(std::begin(kControllers), std::end(kControllers), option) != std::end(kControllers))
        tree.legacy.emplace(option, before[4]);
  }
  if (tree.legacy.empty()) tree.unified = unified;
  return tree;
}

CgroupTree find_cgroup_tree() {
  const auto text = posix::read_file("/proc/self/mountinfo");
  return text.ok() ? parse_cgroup_tree(*text) : CgroupTree{};
}

Cgroup::Cgroup(CgroupTree tree, std::string name) : tree_(std::move(tree)), name_(std::move(name)) {}

std::string Cgroup::directory(const std::string& controller) const {
  if (tree_.v2()) return tree_.unified + kParent + "/" + name_;
  const auto it = tree_.legacy.find(controller);
  return it == tree_.legacy.end() ? "" : it->second + kParent + "/" + name_;
}

std::vector<std::string> Cgroup::directories() const {
  if (tree_.v2()) return {directory("")};
  std::vector<std::string> all;
  for (const auto& [controller, mount] : tree_.legacy) all.push_back(mount + kParent + "/" + name_);
  std::sort(all.begin(), all.end());  // cpu and cpuacct are often one
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

Status Cgroup::create(const std::optional<CgroupLimits>& limits) {
  for (const auto& path : directories()) {
    const auto parent = path.substr(0, path.rfind('/'));
    TRY(make(parent));
    if (tree_.v2()) {
      // A controller that is missing here shows when its limit is written.
      for (const auto& above : {tree_.unified, parent})
        for (const auto* controller : {"+cpu", "+memory"}) (void)posix::write_file(above + "/cgroup.subtree_control", controller);
    }
    TRY(make(path));
  }
  return limits ? limit(*limits) : core::ok_status();
}

Status Cgroup::limit(const CgroupLimits& limits) {
  const auto cpu = directory("cpu");
  const auto memory = directory("memory");
  if (tree_.v2()) {
    if (limits.cpu_shares > 0) TRY(write_number(cpu + "/cpu.weight", weight_of(limits.cpu_shares)));
    if (limits.memory_bytes > 0) TRY(write_number(memory + "/memory.max", limits.memory_bytes));
    if (limits.memory_soft_bytes > 0) TRY(write_number(memory + "/memory.low", limits.memory_soft_bytes));
    if (limits.memory_bytes > 0) (void)posix::write_file(memory + "/memory.swap.max", "0");  // hosts without swap have none
    return core::ok_status();
  }
  if (limits.cpu_shares > 0) TRY(write_number(cpu + "/cpu.shares", std::max<std::uint64_t>(limits.cpu_shares, 2)));
  if (limits.memory_bytes > 0) TRY(write_number(memory + "/memory.limit_in_bytes", limits.memory_bytes));
  if (limits.memory_soft_bytes > 0) TRY(write_number(memory + "/memory.soft_limit_in_bytes", limits.memory_soft_bytes));
  if (limits.memory_bytes > 0) (void)posix::write_file(memory + "/memory.swappiness", "0");
  return core::ok_status();
}

Status Cgroup::join() const {
  for (const auto& path : directories()) TRY(posix::write_file(path + (tree_.v2() ? "/cgroup.procs" : "/tasks"), "0"));
  return core::ok_status();
}

std::vector<std::int32_t> Cgroup::processes() const {
  std::vector<std::int32_t> pids;
  const auto text = posix::read_file(directory("freezer") + "/cgroup.procs");
  if (!text.ok()) return pids;
  for (const auto line : split(*text, '\n')) pids.push_back(static_cast<std::int32_t>(to_number(line)));
  return pids;
}

bool Cgroup::kill() {
  auto pids = processes();
  if (pids.empty()) return false;
  const auto path = directory("freezer");
  if (tree_.v2() && posix::write_file(path + "/cgroup.kill", "1").ok()) return true;
  // Frozen, nobody can fork away between the reading of the list and the last signal.
  const auto freeze = tree_.v2() ? path + "/cgroup.freeze" : path + "/freezer.state";
  (void)posix::write_file(freeze, tree_.v2() ? "1" : "FROZEN");
  pids = processes();
  for (const auto pid : pids)
    if (pid > 0) ::kill(pid, SIGKILL);
  (void)posix::write_file(freeze, tree_.v2() ? "0" : "THAWED");
  return true;
}

bool Cgroup::oom_killed() const {
  const auto memory = directory("memory");
  if (memory.empty()) return false;
  return read_key(memory + (tree_.v2() ? "/memory.events" : "/memory.oom_control"), "oom_kill") > 0;
}

Status Cgroup::remove() {
  for (const auto& path : directories())
    if (::rmdir(path.c_str()) != 0 && errno != ENOENT) return posix::failure("rmdir " + path);
  return core::ok_status();
}

CgroupUse Cgroup::use() const {
  CgroupUse use;
  const auto memory = directory("memory");
  if (tree_.v2()) {
    const auto stat = memory + "/cpu.stat";
    use.cpu_user_ns = read_key(stat, "user_usec") * 1000;
    use.cpu_system_ns = read_key(stat, "system_usec") * 1000;
    use.throttled_periods = read_key(stat, "nr_throttled");
    use.throttled_ns = read_key(stat, "throttled_usec") * 1000;
    use.memory_bytes = read_number(memory + "/memory.current");
    use.memory_max_bytes = read_number(memory + "/memory.peak");
    use.swap_bytes = read_number(memory + "/memory.swap.current");
    use.rss_bytes = read_key(memory + "/memory.stat", "anon");
    use.cache_bytes = read_key(memory + "/memory.stat", "file");
    use.kernel_bytes = read_key(memory + "/memory.stat", "kernel");
    return use;
  }
  if (const auto cpu = directory("cpuacct"); !cpu.empty()) {
    use.cpu_user_ns = read_key(cpu + "/cpuacct.stat", "user") * kTickNs;
    use.cpu_system_ns = read_key(cpu + "/cpuacct.stat", "system") * kTickNs;
  }
  if (const auto cpu = directory("cpu"); !cpu.empty()) {
    use.throttled_periods = read_key(cpu + "/cpu.stat", "nr_throttled");
    use.throttled_ns = read_key(cpu + "/cpu.stat", "throttled_time");
  }
  if (memory.empty()) return use;
  use.memory_bytes = read_number(memory + "/memory.usage_in_bytes");
  use.memory_max_bytes = read_number(memory + "/memory.max_usage_in_bytes");
  use.kernel_bytes = read_number(memory + "/memory.kmem.usage_in_bytes");
  use.kernel_max_bytes = read_number(memory + "/memory.kmem.max_usage_in_bytes");
  use.rss_bytes = read_key(memory + "/memory.stat", "rss");
  use.cache_bytes = read_key(memory + "/memory.stat", "cache");
  use.swap_bytes = read_key(memory + "/memory.stat", "swap");
  return use;
}

}  // namespace agent::client
