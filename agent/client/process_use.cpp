// SPDX-License-Identifier: MPL-2.0
#include "agent/client/process_use.h"

#include <unistd.h>

#include <charconv>
#include <vector>

#include "agent/client/executor/posix.h"

namespace agent::client {
namespace {

struct ProcessUse {
  std::uint64_t user_ns = 0, system_ns = 0, rss_bytes = 0;
};

// /proc/<pid>/stat: fields 14 and 15 are user and system ticks, 24 resident pages.
core::Result<ProcessUse> use_of(std::int32_t pid) {
  TRY(const auto text, posix::read_file("/proc/" + std::to_string(pid) + "/stat"));
  ProcessUse use;
  const auto tick_ns = 1'000'000'000ULL / static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  auto at = text.rfind(')');
  for (int field = 2; at != std::string::npos && field <= 24; ++field) {
    std::uint64_t value = 0;
    if (at + 1 < text.size()) std::from_chars(text.data() + at + 1, text.data() + text.size(), value);
    if (field == 14) use.user_ns = value * tick_ns;
    if (field == 15) use.system_ns = value * tick_ns;
    if (field == 24) use.rss_bytes = value * page;
    at = text.find(' ', at + 1);
  }
  return use;
}

void add_children(std::int32_t pid, std::vector<std::int32_t>& all) {
  for (const auto& thread : posix::list("/proc/" + std::to_string(pid) + "/task")) {
    const auto text = posix::read_file("/proc/" + std::to_string(pid) + "/task/" + thread + "/children");
    if (!text.ok()) continue;
    const char* end = text->data() + text->size();
    for (const char* at = text->data(); at < end;) {
      std::int32_t child = 0;
      const auto read = std::from_chars(at, end, child);
      if (read.ec != std::errc()) break;
      all.push_back(child);
      at = read.ptr + 1;
    }
  }
}

}  // namespace

core::Result<TaskUse> use_of_tree(std::int32_t pid) {
  TRY(use_of(pid));
  TaskUse total;
  std::vector<std::int32_t> all{pid};
  for (std::size_t i = 0; i < all.size(); ++i) {
    add_children(all[i], all);
    const auto use = use_of(all[i]);
    if (!use.ok()) continue;  // gone meanwhile
    total.cpu_user_ns += use->user_ns;
    total.cpu_system_ns += use->system_ns;
    total.rss_bytes += use->rss_bytes;
    total.pids.emplace(all[i], use->rss_bytes);
  }
  return total;
}

core::Result<TaskUse> use_of_cgroup(const Cgroup& group) {
  const auto use = group.use();
  TaskUse total{use.cpu_user_ns,  use.cpu_system_ns, use.throttled_periods, use.throttled_ns, use.rss_bytes,       use.cache_bytes,
                use.swap_bytes,   use.memory_bytes,  use.memory_max_bytes,  use.kernel_bytes, use.kernel_max_bytes, true,
                {}};
  for (const auto pid : group.processes()) {
    const auto one = use_of(pid);
    if (one.ok()) total.pids.emplace(pid, one->rss_bytes);
  }
  return total;
}

}  // namespace agent::client
