// SPDX-License-Identifier: MPL-2.0
// What one name and its labels have recorded: the last value of a gauge, the sums of a counter, the
// spread of a sample. Each keeps so many intervals side by side, by the slots of intervals.h.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/metrics/intervals.h"

namespace core::metrics {

struct Label {
  std::string name, value;
};
using Labels = std::vector<Label>;

// Who recorded it: "nomad.client.host.cpu.idle" with cpu=cpu0. Neither changes.
struct Identity {
  std::string name;
  Labels labels;
};

// Values of one interval taken together.
struct Aggregate {
  std::uint64_t count = 0;
  double sum = 0, sum_of_squares = 0, min = 0, max = 0;

  void add(double value);
  double mean() const;
  // Of a sample, with count - 1 below the line; 0 for fewer than two values.
  double stddev() const;
};

struct GaugeSeries {
  GaugeSeries();
  void set(double value, std::size_t slot);
  void clear(std::size_t slot);
  bool has(std::size_t slot) const;

  Identity identity;
  std::array<double, kSlots> values;  // not a number: nothing was set
  bool unsent = false;
  double last = 0;
};

struct CounterSeries {
  void add(double n, std::size_t slot);
  void clear(std::size_t slot) { intervals[slot] = {}; }
  bool has(std::size_t slot) const { return intervals[slot].count > 0; }

  Identity identity;
  std::array<Aggregate, kSlots> intervals;
  double total = 0;
  double unsent = 0;
};

struct SampleSeries {
  // Of how many values, the newest, quantiles are taken.
  static constexpr std::size_t kNewest = 256;

  void add(double value, std::size_t slot);
  void clear(std::size_t slot) { intervals[slot] = {}; }
  bool has(std::size_t slot) const { return intervals[slot].count > 0; }
  // Of the newest values, if they are of an interval that is still kept; not a number if there are none.
  // REQUIRES: each of `q` is from 0 to 1.
  std::vector<double> quantiles(const std::vector<double>& q) const;

  Identity identity;
  std::array<Aggregate, kSlots> intervals;
  std::uint64_t total_count = 0;
  double total_sum = 0;

 private:
  std::size_t kept() const;

  std::vector<double> newest_;  // a ring once it is full
  std::size_t next_ = 0;
};

}  // namespace core::metrics
