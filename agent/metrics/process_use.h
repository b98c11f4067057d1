// SPDX-License-Identifier: MPL-2.0
// What this process takes of the host's memory.
#pragma once

#include <cstdint>
#include <optional>

#include "core/metrics/registry.h"

namespace agent::metrics {

struct ProcessMemory {
  std::uint64_t resident = 0;   // bytes of it that are in memory
  std::uint64_t allocated = 0;  // bytes that the program holds of its heap
};
// Nothing where /proc does not tell.
std::optional<ProcessMemory> process_memory();

class ProcessGauges {
 public:
  explicit ProcessGauges(core::metrics::Registry& registry);
  void set();

 private:
  core::metrics::Gauge allocated_, resident_;
};

}  // namespace agent::metrics
