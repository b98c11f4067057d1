// SPDX-License-Identifier: MPL-2.0
#include "agent/metrics/telemetry.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/metrics/render.h"

namespace agent::metrics {
namespace {

using namespace std::chrono_literals;

constexpr core::Duration kTellEvery = 1s;
// A collection interval of nothing would keep the loop busy with it.
constexpr core::Duration kCollectAtMostEvery = 100ms;
// Of statsd and statsite alike.
constexpr std::uint16_t kPort = 8125;

std::string host_name(const config::Telemetry& config, const std::string& node) {
  if (config.disable_hostname) return "";
  if (config.use_node_name) return node;
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

using SinkAddress = std::optional<net::uv::HostPort>;  // nothing: no such sink
core::Result<SinkAddress> sink_address(const char* key, const std::string& text) {
  if (text.empty()) return SinkAddress();
  auto parsed = net::uv::parse_host_port(text, kPort);
  if (!parsed.ok()) return core::within(key, std::move(parsed).error());
  return SinkAddress(std::move(*parsed));
}

}  // namespace

Telemetry::Telemetry(net::uv::Loop& loop, const config::Telemetry& config, core::metrics::Registry::Options options)
    : loop_(loop),
      every_(std::max(config.collection_interval, kCollectAtMostEvery)),
      registry_(std::move(options), loop.wall()),
      process_(registry_),
      collect_at_(loop.now() + every_),
      timer_(loop, [this] { tick(); }) {}

core::Result<std::unique_ptr<Telemetry>> Telemetry::start(net::uv::Loop& loop, const config::Telemetry& config, const std::string& node,
                                                          core::Logger logger) {
  TRY(auto statsd, sink_address("statsd_address", config.statsd_address));
  TRY(auto statsite, sink_address("statsite_address", config.statsite_address));
  core::metrics::Registry::Options options{.host = host_name(config, node),
                                           .filter = core::metrics::Filter(config.prefix_filter, config.filter_default.value_or(true)),
                                           .for_sinks = statsd || statsite};
  std::unique_ptr<Telemetry> telemetry(new Telemetry(loop, config, std::move(options)));
  if (statsd) telemetry->statsd_.emplace(loop, std::move(*statsd), logger);
  if (statsite) telemetry->statsite_.emplace(loop, std::move(*statsite), logger);
  telemetry->arm();
  return telemetry;
}

void Telemetry::arm() {
  auto next = std::min(collect_at_, loop_.now() + (registry_.intervals().end() - loop_.wall()));
  if (has_sinks()) next = std::min(next, loop_.now() + kTellEvery);
  timer_.arm(next);
}

void Telemetry::tick() {
  registry_.advance(loop_.wall());
  if (loop_.now() >= collect_at_) {
    collect_at_ = loop_.now() + every_;
    collect();
  }
  if (has_sinks()) tell_sinks();
  arm();
}

void Telemetry::collect() {
  process_.set();
  if (set_) set_();
}

void Telemetry::tell_sinks() {
  const auto lines = core::metrics::take_lines(registry_);
  if (statsd_) statsd_->send(lines);
  if (statsite_) statsite_->send(lines);
}

std::string Telemetry::json() {
  registry_.advance(loop_.wall());
  return core::metrics::to_json(registry_);
}

std::string Telemetry::prometheus() {
  registry_.advance(loop_.wall());
  return core::metrics::to_prometheus(registry_);
}

std::string Telemetry::dump() {
  registry_.advance(loop_.wall());
  return core::metrics::dump(registry_);
}

}  // namespace agent::metrics
