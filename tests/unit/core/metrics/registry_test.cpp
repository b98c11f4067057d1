// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "core/metrics/registry.h"

using namespace core;
using namespace core::metrics;

namespace {

const WallTime kStart = WallTime{} + std::chrono::hours(24);

using Unsent = std::vector<std::pair<std::string, double>>;
Unsent unsent(Registry& registry) {
  Unsent out;
  registry.take_unsent([&](Registry::Kind, const Identity& identity, double value) { out.emplace_back(identity.name, value); });
  return out;
}

}  // namespace

TEST_CASE("a handle that nobody gave out records nothing", "[metrics]") {
  Counter().add();
  Gauge().set(1);
  Sample().add(1.0);
  SUCCEED();
}

TEST_CASE("the same name and labels have one series", "[metrics]") {
  Registry registry({}, kStart);
  registry.counter("a", {{"k", "v"}}).add();
  registry.counter("a", {{"k", "v"}}).add(2);
  registry.counter("a", {{"k", "w"}}).add(5);
  registry.counter("a").add(7);
  REQUIRE(registry.counters().size() == 3);
  std::vector<double> totals;
  registry.counters().each([&](const CounterSeries& series) { totals.push_back(series.total); });
  CHECK(totals == std::vector<double>{7, 3, 5});
}

TEST_CASE("what is recorded goes to the interval of the time that was told last", "[metrics]") {
  Registry registry({}, kStart);
  const auto counter = registry.counter("a");
  counter.add();
  registry.advance(kStart + 10s);
  counter.add(2);
  counter.add(2);
  const CounterSeries* series = nullptr;
  registry.counters().each([&](const CounterSeries& s) { series = &s; });
  REQUIRE(series != nullptr);
  CHECK(series->intervals[registry.intervals().slot(0)].sum == 1);
  CHECK(series->intervals[registry.intervals().current()].sum == 4);
  CHECK(series->total == 5);
}

TEST_CASE("an interval is forgotten when its slot is used again", "[metrics]") {
  Registry registry({}, kStart);
  registry.gauge("g").set(1);
  registry.sample("s").add(1.0);
  for (std::size_t i = 1; i <= kSlots; ++i) registry.advance(kStart + static_cast<int>(i) * kInterval);
  registry.gauges().each([](const GaugeSeries& series) {
    for (std::size_t slot = 0; slot < kSlots; ++slot) CHECK_FALSE(series.has(slot));
  });
  registry.samples().each([](const SampleSeries& series) {
    for (std::size_t slot = 0; slot < kSlots; ++slot) CHECK_FALSE(series.has(slot));
  });
}

TEST_CASE("a duration is recorded in milliseconds", "[metrics]") {
  Registry registry({.for_sinks = true}, kStart);
  registry.sample("s").add(Duration(1500us));
  CHECK(unsent(registry) == Unsent{{"s", 1.5}});
}

TEST_CASE("names that the filter refuses are not recorded", "[metrics]") {
  Registry registry({.filter = Filter({"-a"}, true)}, kStart);
  registry.counter("a.b").add();
  registry.gauge("a.b").set(1);
  registry.sample("a.b").add(1.0);
  CHECK(registry.counters().size() + registry.gauges().size() + registry.samples().size() == 0);
}

TEST_CASE("there is room for so many series and no more", "[metrics]") {
  Registry registry({}, kStart);
  for (std::size_t i = 0; i <= Registry::kSeriesMax; ++i) registry.gauge("g" + std::to_string(i)).set(1);
  CHECK(registry.gauges().size() == Registry::kSeriesMax);
}

TEST_CASE("a gauge that is forgotten makes room, and leaves nothing to the next", "[metrics]") {
  Registry registry({.for_sinks = true}, kStart);
  const auto old = registry.gauge("old", {{"alloc_id", "1"}});
  const auto kept = registry.gauge("kept");
  old.set(1);
  registry.forget(old);
  const auto fresh = registry.gauge("fresh");
  CHECK(unsent(registry).empty());
  fresh.set(2);
  kept.set(3);
  CHECK(unsent(registry) == Unsent{{"fresh", 2}, {"kept", 3}});
  registry.forget(Gauge());
}

TEST_CASE("sinks are told each thing once: sums, last values, every sample", "[metrics]") {
  Registry registry({.for_sinks = true}, kStart);
  const auto counter = registry.counter("c");
  const auto gauge = registry.gauge("g");
  const auto sample = registry.sample("s");
  counter.add(2);
  counter.add(3);
  gauge.set(8);
  gauge.set(9);
  sample.add(1.0);
  sample.add(2.0);
  CHECK(unsent(registry) == Unsent{{"g", 9}, {"c", 5}, {"s", 1}, {"s", 2}});
  CHECK(unsent(registry).empty());
  counter.add();
  CHECK(unsent(registry) == Unsent{{"c", 1}});
}

TEST_CASE("samples that nobody takes do not gather without end", "[metrics]") {
  const bool sinks = GENERATE(true, false);
  Registry registry({.for_sinks = sinks}, kStart);
  const auto sample = registry.sample("s");
  for (std::size_t i = 0; i < Registry::kUnsentSamplesMax + 10; ++i) sample.add(1.0);
  CHECK(unsent(registry).size() == (sinks ? Registry::kUnsentSamplesMax : 0));
}
