// SPDX-License-Identifier: MPL-2.0
#include "agent/client/node_gauges.h"

namespace agent::client {
namespace {

using core::model::ClientStatus;

struct Counts {
  double running = 0, pending = 0, terminal = 0;
};

void count(ClientStatus status, Counts& counts) {
  if (status == ClientStatus::running) ++counts.running;
  else if (status == ClientStatus::pending) ++counts.pending;
  else ++counts.terminal;
}

}  // namespace

core::metrics::Labels node_labels(const core::model::Node& node) {
  return {{"node_id", node.id.text}, {"datacenter", node.datacenter}, {"node_class", node.node_class.empty() ? "none" : node.node_class}};
}

NodeGauges::NodeGauges(core::metrics::Registry& registry, const core::model::Node& node) {
  const auto gauge = [&](const char* name) { return registry.gauge(name, node_labels(node)); };
  running_ = gauge("nomad.client.allocations.running");
  pending_ = gauge("nomad.client.allocations.pending");
  terminal_ = gauge("nomad.client.allocations.terminal");
  allocated_cpu_ = gauge("nomad.client.allocated.cpu");
  allocated_memory_ = gauge("nomad.client.allocated.memory");
  allocated_disk_ = gauge("nomad.client.allocated.disk");
  free_cpu_ = gauge("nomad.client.unallocated.cpu");
  free_memory_ = gauge("nomad.client.unallocated.memory");
  free_disk_ = gauge("nomad.client.unallocated.disk");
}

void NodeGauges::set(const core::model::Node& node, const std::map<core::AllocId, core::client::AllocRunner>& allocs) {
  Counts counts;
  core::model::Amount used;
  for (const auto& [id, runner] : allocs) {
    count(runner.status(), counts);
    if (!runner.done()) used += amount(*runner.alloc());
  }
  running_.set(counts.running);
  pending_.set(counts.pending);
  terminal_.set(counts.terminal);
  const auto& all = node.resources;
  const auto& kept = node.reserved;
  const auto share = [](const core::metrics::Gauge& allocated, const core::metrics::Gauge& free, std::int64_t taken, std::int64_t there) {
    allocated.set(static_cast<double>(taken));
    free.set(static_cast<double>(there - taken));
  };
  share(allocated_cpu_, free_cpu_, used.cpu, all.cpu - kept.cpu);
  share(allocated_memory_, free_memory_, used.memory_mb, all.memory_mb - kept.memory_mb);
  share(allocated_disk_, free_disk_, used.disk_mb, all.disk_mb - kept.disk_mb);
}

}  // namespace agent::client
