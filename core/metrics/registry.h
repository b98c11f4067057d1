// SPDX-License-Identifier: MPL-2.0
// Everything that is counted and measured, in memory: a minute of it in intervals of ten seconds. Whoever
// counts asks once for a handle by name; recording through it finds nothing, allocates nothing and reads
// no clock. A default handle records nothing, and so does one whose name the filter refuses or for which
// there is no room any more.
//
// For sinks outside, what was recorded since they were told last is kept too, if they are there: counters
// as their sum, gauges as their last value, samples one by one.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/time.h"
#include "core/metrics/filter.h"
#include "core/metrics/intervals.h"
#include "core/metrics/table.h"

namespace core::metrics {

class Registry;

class Counter {
 public:
  Counter() = default;
  void add(double n = 1) const;

 private:
  friend class Registry;
  Counter(Registry* registry, std::uint32_t number) : registry_(registry), number_(number) {}
  Registry* registry_ = nullptr;
  std::uint32_t number_ = 0;
};

class Gauge {
 public:
  Gauge() = default;
  void set(double value) const;

 private:
  friend class Registry;
  Gauge(Registry* registry, std::uint32_t number) : registry_(registry), number_(number) {}
  Registry* registry_ = nullptr;
  std::uint32_t number_ = 0;
};

class Sample {
 public:
  Sample() = default;
  void add(double value) const;
  void add(Duration took) const { add(std::chrono::duration<double, std::milli>(took).count()); }

 private:
  friend class Registry;
  Sample(Registry* registry, std::uint32_t number) : registry_(registry), number_(number) {}
  Registry* registry_ = nullptr;
  std::uint32_t number_ = 0;
};

class Registry {
 public:
  struct Options {
    std::string host = {};  // a label of everything; empty: none
    Filter filter = {};
    bool for_sinks = false;  // keep what take_unsent() hands out
  };
  // Series of one kind. All that an agent counts by itself are some hundred; the others are of its jobs.
  static constexpr std::size_t kSeriesMax = 4096;
  // Samples that sinks have not been told of; more are left out there.
  static constexpr std::size_t kUnsentSamplesMax = 16384;

  Registry(Options options, WallTime now) : options_(std::move(options)), intervals_(now) {}
  Registry(const Registry&) = delete;  // handles point to it
  Registry& operator=(const Registry&) = delete;

  // The same handle again for the same name and labels. The registry outlives it.
  Counter counter(std::string_view name, Labels labels = {});
  Gauge gauge(std::string_view name, Labels labels = {});
  Sample sample(std::string_view name, Labels labels = {});
  // What it recorded is gone, and the handle no longer to be used.
  void forget(const Gauge& gauge);
  void forget(const Counter& counter);

  // Goes on to the interval of `now`: to be called at least as often as one ends.
  void advance(WallTime now);

  const std::string& host() const { return options_.host; }
  const Intervals& intervals() const { return intervals_; }
  const Table<GaugeSeries>& gauges() const { return gauges_; }
  const Table<CounterSeries>& counters() const { return counters_; }
  const Table<SampleSeries>& samples() const { return samples_; }

  enum class Kind : std::uint8_t { gauge, counter, sample };
  using Visit = std::function<void(Kind, const Identity&, double value)>;
  // Each value that sinks have not been told of, once.
  void take_unsent(const Visit& visit);

 private:
  friend class Counter;
  friend class Gauge;
  friend class Sample;
  template <class Handle, class Series>
  Handle open(Table<Series>& table, std::string_view name, Labels labels);
  void add(std::uint32_t sample, double value);

  Options options_;
  Intervals intervals_;
  Table<GaugeSeries> gauges_;
  Table<CounterSeries> counters_;
  Table<SampleSeries> samples_;
  std::vector<std::pair<std::uint32_t, double>> unsent_samples_;
};

inline void Counter::add(double n) const {
  if (registry_ != nullptr) registry_->counters_[number_].add(n, registry_->intervals_.current());
}
inline void Gauge::set(double value) const {
  if (registry_ != nullptr) registry_->gauges_[number_].set(value, registry_->intervals_.current());
}
inline void Sample::add(double value) const {
  if (registry_ != nullptr) registry_->add(number_, value);
}

}  // namespace core::metrics
