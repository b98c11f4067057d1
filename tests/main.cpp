// SPDX-License-Identifier: MPL-2.0
// Catch2's main for every test program, ending with the line "N passed, N failed".
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>

#include <cstdio>

namespace {

struct Counter : Catch::TestEventListenerBase {
  using TestEventListenerBase::TestEventListenerBase;
  void testRunEnded(const Catch::TestRunStats& stats) override {
    passed = stats.totals.testCases.passed + stats.totals.testCases.failedButOk;
    failed = stats.totals.testCases.failed;
  }
  static inline std::size_t passed = 0;
  static inline std::size_t failed = 0;
};

}  // namespace

CATCH_REGISTER_LISTENER(Counter)

int main(int argc, char** argv) {
  const int code = Catch::Session().run(argc, argv);
  std::printf("%zu passed, %zu failed\n", Counter::passed, Counter::failed);
  return code;
}
