// SPDX-License-Identifier: MPL-2.0
#include "agent/metrics/process_use.h"

#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "agent/heap.h"

namespace agent::metrics {
namespace {

// The second number of /proc/self/statm.
std::optional<std::uint64_t> resident_pages() {
  const int file = ::open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (file < 0) return std::nullopt;
  std::array<char, 128> text{};
  const auto length = ::read(file, text.data(), text.size() - 1);
  ::close(file);
  if (length <= 0) return std::nullopt;
  char* rest = nullptr;
  std::strtoull(text.data(), &rest, 10);
  return std::strtoull(rest, nullptr, 10);
}

}  // namespace

std::optional<ProcessMemory> process_memory() {
  const auto pages = resident_pages();
  if (!pages) return std::nullopt;
  const auto heap = ::mallinfo2();
  return ProcessMemory{.resident = *pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)), .allocated = heap.uordblks + heap.hblkhd + server_heap_bytes()};
}

ProcessGauges::ProcessGauges(core::metrics::Registry& registry)
    : allocated_(registry.gauge("nomad.runtime.alloc_bytes")), resident_(registry.gauge("nomad.runtime.sys_bytes")) {}

void ProcessGauges::set() {
  const auto memory = process_memory();
  if (!memory) return;
  allocated_.set(static_cast<double>(memory->allocated));
  resident_.set(static_cast<double>(memory->resident));
}

}  // namespace agent::metrics
