// SPDX-License-Identifier: MPL-2.0
#include "core/metrics/names.h"
#include "core/metrics/render.h"

namespace core::metrics {
namespace {

// What all values share need not be said of each.
std::string words(const Aggregate& values) {
  const auto count = "Count: " + std::to_string(values.count);
  if (values.stddev() == 0) return count + " Sum: " + fixed(values.sum, 3);
  return count + " Min: " + fixed(values.min, 3) + " Mean: " + fixed(values.mean(), 3) + " Max: " + fixed(values.max, 3) +
         " Stddev: " + fixed(values.stddev(), 3) + " Sum: " + fixed(values.sum, 3);
}

}  // namespace

std::string dump(const Registry& registry) {
  std::string out;
  const auto line = [&](std::size_t slot, char kind, const Identity& identity, const std::string& what) {
    out += '[' + spell(registry.intervals().begin(slot)) + "][" + kind + "] '" + flat_name(identity, registry.host()) + "': " + what + '\n';
  };
  const auto tell = [&](std::size_t slot) {
    registry.gauges().each([&](const GaugeSeries& series) {
      if (series.has(slot)) line(slot, 'G', series.identity, fixed(series.values[slot], 3));
    });
    registry.counters().each([&](const CounterSeries& series) {
      if (series.has(slot)) line(slot, 'C', series.identity, words(series.intervals[slot]));
    });
    registry.samples().each([&](const SampleSeries& series) {
      if (series.has(slot)) line(slot, 'S', series.identity, words(series.intervals[slot]));
    });
  };
  const auto& intervals = registry.intervals();
  for (std::size_t i = 0; i < intervals.finished(); ++i) tell(intervals.slot(i));
  if (intervals.finished() == 0) tell(intervals.current());
  return out;
}

}  // namespace core::metrics
