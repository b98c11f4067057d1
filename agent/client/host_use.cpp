// SPDX-License-Identifier: MPL-2.0
#include "agent/client/host_use.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <sstream>

#include "agent/client/executor/posix.h"

namespace agent::client {
namespace {

std::uint64_t kib_of(const std::string& meminfo, const std::string& key) {
  const auto at = meminfo.find(key + ":");
  return at == std::string::npos ? 0 : std::strtoull(meminfo.c_str() + at + key.size() + 1, nullptr, 10);
}

core::Result<MemoryUse> memory_use(const std::string& proc) {
  TRY(const auto text, posix::read_file(proc + "/meminfo"));
  constexpr std::uint64_t kKib = 1024;
  MemoryUse use{.total = kib_of(text, "MemTotal") * kKib, .available = kib_of(text, "MemAvailable") * kKib, .used = 0, .free = kib_of(text, "MemFree") * kKib};
  use.used = use.total - std::min(use.total, use.available);
  return use;
}

bool measure(const std::string& path, DiskUse& disk) {
  struct statvfs space {};
  if (::statvfs(path.c_str(), &space) != 0 || space.f_blocks == 0) return false;
  const std::uint64_t block = space.f_frsize;
  disk.size = space.f_blocks * block;
  disk.used = (space.f_blocks - space.f_bfree) * block;
  disk.available = space.f_bavail * block;
  // As df counts: what only root may use is neither used nor free.
  if (disk.used + disk.available > 0) disk.used_percent = 100.0 * static_cast<double>(disk.used) / static_cast<double>(disk.used + disk.available);
  if (space.f_files > 0) disk.inodes_percent = 100.0 * static_cast<double>(space.f_files - space.f_ffree) / static_cast<double>(space.f_files);
  return true;
}

}  // namespace

// "cpu0 user nice system idle iowait irq softirq steal ..."
std::vector<CpuUse> HostUse::cpu_use() {
  std::vector<CpuUse> cpus;
  const auto text = posix::read_file(proc_ + "/stat");
  std::istringstream lines(text.ok() ? *text : "");
  std::vector<Ticks> now;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("cpu") || line.starts_with("cpu ")) continue;
    std::istringstream fields(line);
    CpuUse cpu;
    std::uint64_t user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0;
    fields >> cpu.name >> user >> nice >> system >> idle >> iowait >> irq >> softirq >> steal;
    const Ticks ticks{user + nice, system + irq + softirq, idle + iowait, user + nice + system + idle + iowait + irq + softirq + steal};
    const auto before = now.size() < last_.size() ? last_[now.size()] : Ticks{};
    const auto percent = [&](std::uint64_t Ticks::*part) {
      if (ticks.all <= before.all || ticks.*part < before.*part) return 0.0;
      return 100.0 * static_cast<double>(ticks.*part - before.*part) / static_cast<double>(ticks.all - before.all);
    };
    cpu.user = percent(&Ticks::user);
    cpu.system = percent(&Ticks::system);
    cpu.idle = percent(&Ticks::idle);
    cpu.total = ticks.all > before.all ? 100.0 - cpu.idle : 0.0;
    now.push_back(ticks);
    cpus.push_back(std::move(cpu));
  }
  last_ = std::move(now);
  return cpus;
}

// Each device once, by its first mount; what has no device behind it is left out.
std::vector<DiskUse> HostUse::disk_use() const {
  std::vector<DiskUse> disks;
  const auto text = posix::read_file(proc_ + "/self/mounts");
  std::istringstream lines(text.ok() ? *text : "");
  std::set<std::string> seen;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    DiskUse disk;
    fields >> disk.device >> disk.mountpoint;
    if (!disk.device.starts_with("/dev/") || !seen.insert(disk.device).second) continue;
    if (measure(disk.mountpoint, disk)) disks.push_back(std::move(disk));
  }
  return disks;
}

core::Result<HostUseNow> HostUse::look(const std::string& alloc_root) {
  HostUseNow now;
  TRY(now.memory, memory_use(proc_));
  now.cpus = cpu_use();
  now.disks = disk_use();
  measure(alloc_root, now.alloc_disk);
  TRY(const auto uptime, posix::read_file(proc_ + "/uptime"));
  now.uptime_s = std::strtoull(uptime.c_str(), nullptr, 10);
  return now;
}

}  // namespace agent::client
