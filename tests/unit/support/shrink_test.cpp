// SPDX-License-Identifier: MPL-2.0
#include "tests/support/shrink.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>

namespace {

using Items = std::vector<std::size_t>;

Items up_to(std::size_t count) {
  Items items(count);
  std::iota(items.begin(), items.end(), 1);
  return items;
}

bool has(const Items& items, std::size_t item) { return std::find(items.begin(), items.end(), item) != items.end(); }

}  // namespace

TEST_CASE("shrinking keeps exactly what the failure needs", "[support][shrink]") {
  const auto needs = [](Items needed) {
    return test::shrink_list(up_to(100), [needed](const Items& items) {
      return std::all_of(needed.begin(), needed.end(), [&](auto one) { return has(items, one); });
    }, 1000);
  };
  CHECK(needs({}) == Items{});
  CHECK(needs({1}) == Items{1});
  CHECK(needs({100}) == Items{100});
  CHECK(needs({3, 50, 97}) == Items{3, 50, 97});
  CHECK(needs(up_to(100)) == up_to(100));
}

TEST_CASE("shrinking one needle out of many asks few times", "[support][shrink]") {
  int asked = 0;
  const auto found = test::shrink_list(up_to(128), [&](const Items& items) { return ++asked, has(items, 77); }, 1000);
  CHECK(found == Items{77});
  CHECK(asked < 30);
}

TEST_CASE("of two ways to fail shrinking finds one", "[support][shrink]") {
  const auto fails = [](const Items& items) { return (has(items, 2) && has(items, 3)) || has(items, 9); };
  const auto found = test::shrink_list(up_to(10), fails, 1000);
  CHECK(fails(found));
  for (const auto one : found) {
    auto rest = found;
    std::erase(rest, one);
    CHECK_FALSE(fails(rest));
  }
}

TEST_CASE("an item that was needed only beside another goes with it", "[support][shrink]") {
  // 1 is needed while 8 is there.
  const auto fails = [](const Items& items) { return has(items, 5) && (!has(items, 8) || has(items, 1)); };
  CHECK(test::shrink_list(up_to(8), fails, 1000) == Items{5});
}

TEST_CASE("shrinking stops when its tries are used up, at something that fails", "[support][shrink]") {
  const auto fails = [](const Items& items) { return has(items, 40) && has(items, 60); };
  for (std::size_t tries = 0; tries < 40; ++tries) {
    std::size_t asked = 0;
    const auto found = test::shrink_list(up_to(64), [&](const Items& items) { return ++asked, fails(items); }, tries);
    CHECK(asked <= tries);
    CHECK(fails(found));
  }
}

TEST_CASE("a number shrinks to the first that fails, give or take a step", "[support][shrink]") {
  const auto first_failing = [](std::int64_t bound) {
    return test::shrink_number(20'000, 100, [bound](std::int64_t number) { return number >= bound; });
  };
  CHECK(first_failing(20'000) == 20'000);
  CHECK(first_failing(4'711) >= 4'711);
  CHECK(first_failing(4'711) <= 4'811);
  CHECK(first_failing(1) <= 101);
}
