// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include <cmath>

#include "core/metrics/series.h"

using namespace core::metrics;

TEST_CASE("an aggregate knows count, sum, extremes, mean and deviation", "[metrics]") {
  Aggregate values;
  for (const double value : {4.0, 2.0, 9.0}) values.add(value);
  CHECK(values.count == 3);
  CHECK(values.sum == 15);
  CHECK(values.min == 2);
  CHECK(values.max == 9);
  CHECK(values.mean() == 5);
  CHECK(values.stddev() == Approx(std::sqrt(13.0)));
}

TEST_CASE("one value deviates from nothing, and none have no mean", "[metrics]") {
  Aggregate values;
  CHECK(values.mean() == 0);
  CHECK(values.stddev() == 0);
  values.add(-3);
  CHECK(values.min == -3);
  CHECK(values.max == -3);
  CHECK(values.stddev() == 0);
}

TEST_CASE("values that are all alike do not deviate, whatever rounding does", "[metrics]") {
  Aggregate values;
  for (int i = 0; i < 1000; ++i) values.add(0.1);
  CHECK(values.stddev() == Approx(0).margin(1e-6));
}

TEST_CASE("a gauge has its last value, in the interval it was set in", "[metrics]") {
  GaugeSeries gauge;
  CHECK_FALSE(gauge.has(0));
  gauge.set(1, 0);
  gauge.set(2, 0);
  CHECK(gauge.values[0] == 2);
  CHECK_FALSE(gauge.has(1));
  gauge.clear(0);
  CHECK_FALSE(gauge.has(0));
}

TEST_CASE("quantiles are of the newest values", "[metrics]") {
  SampleSeries sample;
  for (int value = 0; value < 1000; ++value) sample.add(1e6, 0);
  for (int value = 1; value <= static_cast<int>(SampleSeries::kNewest); ++value) sample.add(value, 1);
  const auto found = sample.quantiles({0, 0.5, 0.9, 1});
  CHECK(found == std::vector<double>{1, 128, 231, 256});
  CHECK(sample.total_count == 1256);
}

TEST_CASE("values of intervals that are gone have no part in quantiles", "[metrics]") {
  SampleSeries sample;
  for (const double value : {100.0, 200.0, 300.0}) sample.add(value, 0);
  sample.add(7, 1);
  sample.clear(0);
  CHECK(sample.quantiles({0.5, 0.99}) == std::vector<double>{7, 7});
  sample.clear(1);
  CHECK(std::isnan(sample.quantiles({0.5})[0]));
  CHECK(sample.total_sum == 607);  // but they do in what counts since the start
}
