// SPDX-License-Identifier: MPL-2.0
#include <cmath>

#include "core/base/json.h"
#include "core/metrics/names.h"
#include "core/metrics/render.h"

namespace core::metrics {
namespace {

void member(json::Writer& w, const char* name, double value) {
  constexpr double kExact = 1e15;
  w.key(name);
  if (value == std::trunc(value) && std::abs(value) < kExact) w.int64(static_cast<std::int64_t>(value));
  else w.number(value);
}

void begin(json::Writer& w, const Identity& identity) {
  w.begin_object();
  w.key("Name");
  w.string(identity.name);
}

void end(json::Writer& w, const Identity& identity, const std::string& host) {
  w.key("Labels");
  w.begin_object();
  for (const auto& label : identity.labels) {
    w.key(label.name);
    w.string(label.value);
  }
  if (!host.empty()) {
    w.key("host");
    w.string(host);
  }
  w.end_object();
  w.end_object();
}

template <class Series>
void write_aggregates(json::Writer& w, const char* name, const Table<Series>& table, std::size_t slot, const std::string& host) {
  w.key(name);
  w.begin_array();
  table.each([&](const Series& series) {
    if (!series.has(slot)) return;
    const auto& values = series.intervals[slot];
    begin(w, series.identity);
    w.key("Count");
    w.uint64(values.count);
    member(w, "Rate", values.sum / std::chrono::duration<double>(kInterval).count());
    member(w, "Sum", values.sum);
    member(w, "Min", values.min);
    member(w, "Max", values.max);
    member(w, "Mean", values.mean());
    member(w, "Stddev", values.stddev());
    end(w, series.identity, host);
  });
  w.end_array();
}

}  // namespace

std::string to_json(const Registry& registry) {
  const auto slot = registry.intervals().newest_complete();
  const auto& host = registry.host();
  json::Writer w;
  w.begin_object();
  w.key("Timestamp");
  w.string(spell(registry.intervals().begin(slot)));
  w.key("Gauges");
  w.begin_array();
  registry.gauges().each([&](const GaugeSeries& series) {
    if (!series.has(slot)) return;
    begin(w, series.identity);
    member(w, "Value", series.values[slot]);
    end(w, series.identity, host);
  });
  w.end_array();
  w.key("Points");
  w.begin_array();
  w.end_array();
  write_aggregates(w, "Counters", registry.counters(), slot, host);
  write_aggregates(w, "Samples", registry.samples(), slot, host);
  w.end_object();
  return w.take();
}

}  // namespace core::metrics
