// SPDX-License-Identifier: MPL-2.0
// What the host uses, for telemetry.publish_node_metrics. Looked at on a thread that may wait for a disk,
// and not again before it is done; gauges stay unset meanwhile.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agent/client/host_use.h"
#include "core/metrics/registry.h"
#include "net/uv/lifetime.h"
#include "net/uv/worker.h"

namespace agent::client {

class HostGauges {
 public:
  // All outlive it. `labels`: of the node.
  HostGauges(core::metrics::Registry& registry, core::metrics::Labels labels, net::uv::Worker& worker, std::string alloc_root);
  void set();

 private:
  using Named = std::map<std::string, std::vector<core::metrics::Gauge>>;  // of a processor or a disk
  void set(const HostUseNow& now);
  std::vector<core::metrics::Gauge>& gauges_of(Named& known, const char* label, const std::string& name, const std::vector<const char*>& names);

  core::metrics::Registry& registry_;
  core::metrics::Labels labels_;
  net::uv::Worker& worker_;
  std::string alloc_root_;
  std::shared_ptr<HostUse> host_ = std::make_shared<HostUse>();  // shared with the job under way on the worker
  bool looking_ = false;
  core::metrics::Gauge uptime_, total_, available_, used_, free_;
  Named cpus_, disks_;
  net::uv::Lifetime lifetime_;
};

}  // namespace agent::client
