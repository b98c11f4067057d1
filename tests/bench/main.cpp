// SPDX-License-Identifier: MPL-2.0
// Catch2's main with benchmarking; what it measured is also added to the file named by BENCH_TABLE, in the
// columns that load/measure.h describes.
#define CATCH_CONFIG_MAIN
#define CATCH_CONFIG_ENABLE_BENCHMARKING
#include <catch2/catch.hpp>

#include <cstdlib>
#include <fstream>

namespace {

struct TableListener : Catch::TestEventListenerBase {
  using TestEventListenerBase::TestEventListenerBase;
  void benchmarkEnded(const Catch::BenchmarkStats<>& measured) override {
    const char* path = std::getenv("BENCH_TABLE");
    if (path == nullptr) return;
    const auto micros = [](auto nanoseconds) { return nanoseconds.count() / 1000; };
    std::ofstream(path, std::ios::app) << measured.info.name << "\tus\t" << micros(measured.mean.point) << '\t'
                                       << micros(measured.standardDeviation.point) << '\t' << micros(measured.mean.lower_bound) << '\t'
                                       << micros(measured.mean.upper_bound) << '\n';
  }
};

}  // namespace

CATCH_REGISTER_LISTENER(TableListener)
