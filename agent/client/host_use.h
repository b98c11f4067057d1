// SPDX-License-Identifier: MPL-2.0
// What this host uses of its memory, processors and disks, from /proc and statvfs. Processor shares are
// measured since the last look, the first time since the host started. May wait for a disk.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/base/time.h"

namespace agent::client {

struct MemoryUse {
  std::uint64_t total = 0, available = 0, used = 0, free = 0;  // bytes
};
struct CpuUse {
  std::string name;                                  // "cpu0"
  double user = 0, system = 0, idle = 0, total = 0;  // percent; total: all that is not idle
};
struct DiskUse {
  std::string device, mountpoint;
  std::uint64_t size = 0, used = 0, available = 0;
  double used_percent = 0, inodes_percent = 0;
};
struct HostUseNow {
  MemoryUse memory;
  std::vector<CpuUse> cpus;
  std::vector<DiskUse> disks;
  DiskUse alloc_disk;  // with the allocations; its device and mountpoint are not named
  std::uint64_t uptime_s = 0;
};

class HostUse {
 public:
  // `proc`: "/proc", but for tests.
  explicit HostUse(std::string proc = "/proc") : proc_(std::move(proc)) {}
  core::Result<HostUseNow> look(const std::string& alloc_root);

 private:
  struct Ticks {
    std::uint64_t user = 0, system = 0, idle = 0, all = 0;
  };
  std::vector<CpuUse> cpu_use();
  std::vector<DiskUse> disk_use() const;

  std::string proc_;
  std::vector<Ticks> last_;  // by processor
};

}  // namespace agent::client
