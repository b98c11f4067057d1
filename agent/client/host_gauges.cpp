// SPDX-License-Identifier: MPL-2.0
#include "agent/client/host_gauges.h"

#include <utility>

namespace agent::client {
namespace {

const std::vector<const char*> kOfCpu{"nomad.client.host.cpu.user", "nomad.client.host.cpu.system", "nomad.client.host.cpu.idle",
                                      "nomad.client.host.cpu.total"};
const std::vector<const char*> kOfDisk{"nomad.client.host.disk.size", "nomad.client.host.disk.used", "nomad.client.host.disk.available",
                                       "nomad.client.host.disk.used_percent", "nomad.client.host.disk.inodes_percent"};

}  // namespace

HostGauges::HostGauges(core::metrics::Registry& registry, core::metrics::Labels labels, net::uv::Worker& worker, std::string alloc_root)
    : registry_(registry), labels_(std::move(labels)), worker_(worker), alloc_root_(std::move(alloc_root)) {
  uptime_ = registry.gauge("nomad.client.uptime", labels_);
  total_ = registry.gauge("nomad.client.host.memory.total", labels_);
  available_ = registry.gauge("nomad.client.host.memory.available", labels_);
  used_ = registry.gauge("nomad.client.host.memory.used", labels_);
  free_ = registry.gauge("nomad.client.host.memory.free", labels_);
}

void HostGauges::set() {
  if (looking_) return;
  const auto submitted = worker_.submit([host = host_, root = alloc_root_] { return host->look(root); },
                                        lifetime_.guard([this](const core::Result<HostUseNow>& now) {
                                          looking_ = false;
                                          if (now.ok()) set(*now);
                                        }));
  looking_ = submitted.ok();
}

std::vector<core::metrics::Gauge>& HostGauges::gauges_of(Named& known, const char* label, const std::string& name,
                                                         const std::vector<const char*>& names) {
  auto& gauges = known[name];
  if (!gauges.empty()) return gauges;
  auto labels = labels_;
  labels.push_back({label, name});
  for (const auto* one : names) gauges.push_back(registry_.gauge(one, labels));
  return gauges;
}

void HostGauges::set(const HostUseNow& now) {
  const auto as_number = [](std::uint64_t bytes) { return static_cast<double>(bytes); };
  uptime_.set(as_number(now.uptime_s));
  total_.set(as_number(now.memory.total));
  available_.set(as_number(now.memory.available));
  used_.set(as_number(now.memory.used));
  free_.set(as_number(now.memory.free));
  for (const auto& cpu : now.cpus) {
    auto& gauges = gauges_of(cpus_, "cpu", cpu.name, kOfCpu);
    std::size_t i = 0;
    for (const double value : {cpu.user, cpu.system, cpu.idle, cpu.total}) gauges[i++].set(value);
  }
  for (const auto& disk : now.disks) {
    auto& gauges = gauges_of(disks_, "disk", disk.device, kOfDisk);
    std::size_t i = 0;
    for (const double value : {as_number(disk.size), as_number(disk.used), as_number(disk.available), disk.used_percent, disk.inodes_percent})
      gauges[i++].set(value);
  }
}

}  // namespace agent::client
