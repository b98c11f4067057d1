// SPDX-License-Identifier: MPL-2.0
// Catch2's main with benchmarking.
#define CATCH_CONFIG_MAIN
#define CATCH_CONFIG_ENABLE_BENCHMARKING
#include <catch2/catch.hpp>
