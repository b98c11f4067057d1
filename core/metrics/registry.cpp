// SPDX-License-Identifier: MPL-2.0
#include "core/metrics/registry.h"

namespace core::metrics {

template <class Handle, class Series>
Handle Registry::open(Table<Series>& table, std::string_view name, Labels labels) {
  if (!options_.filter.allows(name)) return {};
  auto key = Table<Series>::key(name, labels);
  if (const auto* number = table.find(key)) return Handle(this, *number);
  if (table.size() >= kSeriesMax) return {};
  return Handle(this, table.add(std::move(key), {std::string(name), std::move(labels)}));
}

Counter Registry::counter(std::string_view name, Labels labels) { return open<Counter>(counters_, name, std::move(labels)); }
Gauge Registry::gauge(std::string_view name, Labels labels) { return open<Gauge>(gauges_, name, std::move(labels)); }
Sample Registry::sample(std::string_view name, Labels labels) { return open<Sample>(samples_, name, std::move(labels)); }

void Registry::forget(const Gauge& gauge) {
  if (gauge.registry_ != nullptr) gauges_.forget(gauge.number_);
}

void Registry::forget(const Counter& counter) {
  if (counter.registry_ != nullptr) counters_.forget(counter.number_);
}

void Registry::advance(WallTime now) {
  if (!intervals_.advance(now)) return;
  gauges_.clear(intervals_.current());
  counters_.clear(intervals_.current());
  samples_.clear(intervals_.current());
}

void Registry::add(std::uint32_t sample, double value) {
  samples_[sample].add(value, intervals_.current());
  if (options_.for_sinks && unsent_samples_.size() < kUnsentSamplesMax) unsent_samples_.emplace_back(sample, value);
}

void Registry::take_unsent(const Visit& visit) {
  gauges_.each([&](GaugeSeries& series) {
    if (std::exchange(series.unsent, false)) visit(Kind::gauge, series.identity, series.last);
  });
  counters_.each([&](CounterSeries& series) {
    if (const auto n = std::exchange(series.unsent, 0)) visit(Kind::counter, series.identity, n);
  });
  for (const auto& [number, value] : unsent_samples_) visit(Kind::sample, samples_[number].identity, value);
  unsent_samples_.clear();
}

}  // namespace core::metrics
