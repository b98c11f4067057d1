// SPDX-License-Identifier: MPL-2.0
// The control group of one task: its limits, all its processes, what they use. Both generations of
// the kernel's interface: one tree (v2), or a tree a controller (v1, and the hybrid of the two).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/client/executor/wire.h"
#include "core/base/result.h"

namespace agent::client {

// Where this host's control groups are.
struct CgroupTree {
  std::string unified;                        // v2; empty if there is none or v1 has the controllers
  std::map<std::string, std::string> legacy;  // v1: controller -> mount point

  bool v2() const { return !unified.empty(); }
  // Processes can be gathered and killed; limits can be set.
  bool can_gather() const { return v2() || legacy.contains("freezer"); }
  bool can_limit() const { return v2() || (legacy.contains("memory") && legacy.contains("cpu")); }
  // What a person looks for: the mount point, without the controller.
  std::string mount_point() const;
};
// From the text of /proc/self/mountinfo.
CgroupTree parse_cgroup_tree(std::string_view mountinfo);
CgroupTree find_cgroup_tree();

struct CgroupUse {
  std::uint64_t cpu_user_ns = 0, cpu_system_ns = 0;
  std::uint64_t throttled_periods = 0, throttled_ns = 0;
  std::uint64_t memory_bytes = 0, memory_max_bytes = 0;
  std::uint64_t rss_bytes = 0, cache_bytes = 0, swap_bytes = 0, kernel_bytes = 0, kernel_max_bytes = 0;
};

class Cgroup {
 public:
  // `name`: below "nomad/". Nothing is made yet; one that an earlier process made is found.
  Cgroup(CgroupTree tree, std::string name);

  // Makes it. Limits need can_limit().
  core::Status create(const std::optional<CgroupLimits>& limits);
  // Puts the calling process in, which must have a single thread: the kernel lets a thread move itself
  // without making all others wait, which moving a process by its number does.
  core::Status join() const;
  std::vector<std::int32_t> processes() const;
  // Kills every process in it, also those that are being forked. It may take a moment until they are
  // gone; false if there was nobody to kill.
  bool kill();
  bool oom_killed() const;
  // Fine if it does not exist; Errc::io while there are processes in it.
  core::Status remove();
  CgroupUse use() const;

 private:
  std::vector<std::string> directories() const;
  std::string directory(const std::string& controller) const;
  core::Status limit(const CgroupLimits& limits);

  CgroupTree tree_;
  std::string name_;
};

}  // namespace agent::client
