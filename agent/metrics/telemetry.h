// SPDX-License-Identifier: MPL-2.0
// Owns what the agent counts, and is its clock: once a collection interval gauges are set, intervals are
// turned over as they end, and sinks are told at least once a second.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "agent/config_services.h"
#include "agent/metrics/process_use.h"
#include "agent/metrics/statsd.h"
#include "agent/metrics/statsite.h"
#include "core/metrics/registry.h"
#include "net/uv/timer.h"

namespace agent::metrics {

class Telemetry {
 public:
  // `node`: the agent's name, for telemetry.use_node_name. Errc::invalid for a sink's address that is none.
  static core::Result<std::unique_ptr<Telemetry>> start(net::uv::Loop& loop, const config::Telemetry& config, const std::string& node,
                                                        core::Logger logger);

  // Outlives whoever counts by it.
  core::metrics::Registry& registry() { return registry_; }
  // `set` is called each collection interval, to set gauges. Empty: nobody is called any more.
  void collect_with(std::function<void()> set) { set_ = std::move(set); }

  // See core/metrics/render.h.
  std::string json();
  std::string prometheus();
  std::string dump();

 private:
  Telemetry(net::uv::Loop& loop, const config::Telemetry& config, core::metrics::Registry::Options options);
  void tick();
  void collect();
  void tell_sinks();
  void arm();
  bool has_sinks() const { return statsd_ || statsite_; }

  net::uv::Loop& loop_;
  core::Duration every_;
  core::metrics::Registry registry_;
  ProcessGauges process_;
  std::function<void()> set_;
  std::optional<Statsd> statsd_;
  std::optional<Statsite> statsite_;
  core::Instant collect_at_;
  net::uv::Timer timer_;
};

}  // namespace agent::metrics
