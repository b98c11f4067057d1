// SPDX-License-Identifier: MPL-2.0
// What each running task uses, for telemetry.publish_allocation_metrics. A task that ended takes its gauges
// with it, so that their number follows what runs.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "agent/client/drivers/driver.h"
#include "core/client/alloc_runner.h"
#include "core/metrics/registry.h"

namespace agent::client {

class TaskGauges {
 public:
  // `labels`: of the node. `mhz`: of one processor.
  TaskGauges(core::metrics::Registry& registry, core::metrics::Labels labels, double mhz);

  // Between begin() and end(), set() is called for each task that runs.
  void begin();
  void set(const core::model::Allocation& alloc, const std::string& task, const TaskUse& use, core::Instant now);
  void end();

 private:
  struct Known {
    std::vector<core::metrics::Gauge> gauges;
    std::optional<core::Instant> looked_at;
    std::uint64_t user_ns = 0, system_ns = 0;  // as of then
    bool runs = false;
  };
  Known& known(const core::model::Allocation& alloc, const std::string& task, bool by_cgroup);

  core::metrics::Registry& registry_;
  core::metrics::Labels labels_;
  double mhz_;
  std::map<core::client::TaskId, Known> tasks_;
};

}  // namespace agent::client
