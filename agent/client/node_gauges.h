// SPDX-License-Identifier: MPL-2.0
// How a node stands: its allocations by what became of them, and what of its resources they take. Set once
// a collection interval.
#pragma once

#include <functional>
#include <map>

#include "core/client/alloc_runner.h"
#include "core/metrics/registry.h"
#include "core/model/node.h"

namespace agent::client {

// What is said of every gauge of a node.
core::metrics::Labels node_labels(const core::model::Node& node);

class NodeGauges {
 public:
  NodeGauges(core::metrics::Registry& registry, const core::model::Node& node);
  void set(const core::model::Node& node, const std::map<core::AllocId, core::client::AllocRunner>& allocs);

 private:
  core::metrics::Gauge running_, pending_, terminal_;
  core::metrics::Gauge allocated_cpu_, allocated_memory_, allocated_disk_;
  core::metrics::Gauge free_cpu_, free_memory_, free_disk_;
};

}  // namespace agent::client
