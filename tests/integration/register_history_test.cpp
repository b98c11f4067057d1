// SPDX-License-Identifier: MPL-2.0
#include "tests/integration/register_history.h"

#include <catch2/catch.hpp>

using namespace integration;

namespace {

Operation::Time at(int tick) { return Operation::Time{} + std::chrono::seconds(tick); }
Operation wrote(std::uint64_t value, int called, std::optional<int> returned) {
  return {.key = "k", .write = true, .value = value, .called = at(called), .returned = returned ? std::optional(at(*returned)) : std::nullopt};
}
Operation saw(std::uint64_t value, int called, int returned) {
  return {.key = "k", .write = false, .value = value, .called = at(called), .returned = at(returned)};
}

}  // namespace

TEST_CASE("operations one after the other are in order, or a read is stale", "[integration][history]") {
  CHECK_FALSE(contradiction({saw(0, 0, 1), wrote(1, 2, 3), saw(1, 4, 5), wrote(2, 6, 7), saw(2, 8, 9)}));
  CHECK(contradiction({wrote(1, 2, 3), wrote(2, 4, 5), saw(1, 6, 7)}) == "k");
  CHECK(contradiction({wrote(1, 2, 3), saw(0, 4, 5)}) == "k");
  CHECK(contradiction({saw(7, 0, 1)}) == "k");
}

TEST_CASE("operations at the same time may come in either order, but in one order for all", "[integration][history]") {
  CHECK_FALSE(contradiction({wrote(1, 0, 10), wrote(2, 0, 10), saw(1, 11, 12)}));
  CHECK_FALSE(contradiction({wrote(1, 0, 10), wrote(2, 0, 10), saw(2, 11, 12)}));
  CHECK(contradiction({wrote(1, 0, 10), wrote(2, 0, 10), saw(1, 11, 12), saw(2, 13, 14)}) == "k");
  // Once somebody saw the new value, nobody sees the old one again.
  CHECK_FALSE(contradiction({wrote(1, 0, 10), saw(0, 1, 2), saw(1, 3, 4)}));
  CHECK(contradiction({wrote(1, 0, 10), saw(1, 1, 2), saw(0, 3, 4)}) == "k");
}

TEST_CASE("a write without an answer may have happened, late, or never", "[integration][history]") {
  CHECK_FALSE(contradiction({wrote(1, 0, std::nullopt), saw(0, 5, 6), saw(1, 7, 8)}));
  CHECK_FALSE(contradiction({wrote(1, 0, std::nullopt), saw(0, 5, 6)}));
  CHECK(contradiction({wrote(1, 4, std::nullopt), saw(1, 0, 1)}) == "k");
  CHECK(contradiction({wrote(1, 0, std::nullopt), wrote(2, 1, 2), saw(1, 3, 4), saw(2, 5, 6), saw(1, 7, 8)}) == "k");
}

TEST_CASE("many writes without an answer are judged as quickly as a few", "[integration][history]") {
  std::vector<Operation> operations;
  for (std::uint64_t value = 1; value <= 60; ++value) operations.push_back(wrote(value, 0, std::nullopt));
  for (int i = 0; i < 30; ++i) operations.push_back(saw(static_cast<std::uint64_t>(60 - i), 2 * i + 1, 2 * i + 2));
  CHECK_FALSE(contradiction(operations));
  operations.push_back(saw(60, 100, 101));
  CHECK(contradiction(operations) == "k");
}

TEST_CASE("registers are judged each for itself", "[integration][history]") {
  auto other = saw(0, 3, 4);
  other.key = "other";
  CHECK_FALSE(contradiction({wrote(1, 0, 1), other}));
  other.value = 1;
  CHECK(contradiction({wrote(1, 0, 1), other}) == "other");
}
