// SPDX-License-Identifier: MPL-2.0
#include "core/metrics/series.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/assert.h"

namespace core::metrics {
namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

}  // namespace

void Aggregate::add(double value) {
  min = count == 0 ? value : std::min(min, value);
  max = count == 0 ? value : std::max(max, value);
  ++count;
  sum += value;
  sum_of_squares += value * value;
}

double Aggregate::mean() const { return count == 0 ? 0 : sum / static_cast<double>(count); }

double Aggregate::stddev() const {
  if (count < 2) return 0;
  const auto n = static_cast<double>(count);
  // Rounding may take it below zero when all values are alike.
  return std::sqrt(std::max(0.0, (n * sum_of_squares - sum * sum) / (n * (n - 1))));
}

GaugeSeries::GaugeSeries() { values.fill(kNothing); }

void GaugeSeries::set(double value, std::size_t slot) {
  values[slot] = last = value;
  unsent = true;
}

void GaugeSeries::clear(std::size_t slot) { values[slot] = kNothing; }
bool GaugeSeries::has(std::size_t slot) const { return !std::isnan(values[slot]); }

void CounterSeries::add(double n, std::size_t slot) {
  intervals[slot].add(n);
  total += n;
  unsent += n;
}

void SampleSeries::add(double value, std::size_t slot) {
  intervals[slot].add(value);
  ++total_count;
  total_sum += value;
  if (newest_.size() < kNewest) {
    newest_.push_back(value);
    return;
  }
  newest_[next_] = value;
  next_ = (next_ + 1) % kNewest;
}

std::size_t SampleSeries::kept() const {
  std::uint64_t count = 0;
  for (const auto& interval : intervals) count += interval.count;
  return static_cast<std::size_t>(std::min<std::uint64_t>(count, newest_.size()));
}

std::vector<double> SampleSeries::quantiles(const std::vector<double>& q) const {
  const auto n = kept();
  if (n == 0) return std::vector<double>(q.size(), kNothing);
  // The newest is right before next_.
  std::vector<double> values(n);
  for (std::size_t i = 0; i < n; ++i) values[i] = newest_[(next_ + newest_.size() - 1 - i) % newest_.size()];
  std::sort(values.begin(), values.end());
  std::vector<double> out;
  for (const auto part : q) {
    ASSERT(part >= 0 && part <= 1);
    const auto rank = static_cast<std::size_t>(std::ceil(part * static_cast<double>(n)));
    out.push_back(values[rank == 0 ? 0 : rank - 1]);
  }
  return out;
}

}  // namespace core::metrics
