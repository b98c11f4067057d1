// SPDX-License-Identifier: MPL-2.0
#include "core/base/deadlines.h"

#include <catch2/catch.hpp>
#include <string>

#include "core/base/rng.h"

using namespace std::chrono_literals;
using core::Instant;

namespace {
Instant at(int seconds) { return Instant{} + std::chrono::seconds(seconds); }
}  // namespace

TEST_CASE("what is due comes in order of time, then of key, and once") {
  core::Deadlines<std::string> deadlines;
  deadlines.set("c", at(2));
  deadlines.set("b", at(1));
  deadlines.set("a", at(2));
  deadlines.set("d", at(9));
  CHECK(deadlines.next() == at(1));
  CHECK(deadlines.take_due(at(2)) == std::vector<std::string>{"b", "a", "c"});
  CHECK(deadlines.take_due(at(2)).empty());
  CHECK(deadlines.size() == 1);
  CHECK(deadlines.find("a") == std::nullopt);
}

TEST_CASE("a deadline moves both ways, goes, and moves house") {
  core::Deadlines<std::string> deadlines;
  deadlines.set("a", at(5));
  deadlines.set("b", at(6));
  deadlines.set("a", at(7));
  deadlines.set("b", at(3));
  CHECK(deadlines.find("a") == at(7));
  CHECK(deadlines.next() == at(3));
  deadlines.erase("b");
  deadlines.erase("unknown");
  auto moved = std::move(deadlines);
  moved.set("c", at(1));
  CHECK(moved.take_due(at(10)) == std::vector<std::string>{"c", "a"});
  CHECK(moved.empty());
  CHECK(moved.next() == std::nullopt);
}

TEST_CASE("deadlines agree with a plain list") {
  core::Rng rng(7);
  core::Deadlines<std::uint64_t> deadlines;
  std::map<std::uint64_t, Instant> plain;
  for (int i = 0; i < 5000; ++i) {
    const auto key = rng.below(50);
    const auto when = at(static_cast<int>(rng.below(100)));
    if (rng.below(4) == 0) {
      deadlines.erase(key);
      plain.erase(key);
    } else {
      deadlines.set(key, when);
      plain.insert_or_assign(key, when);
    }
    if (rng.below(10) != 0) continue;
    std::set<std::pair<Instant, std::uint64_t>> due;
    for (const auto& [k, t] : plain)
      if (t <= when) due.emplace(t, k);
    std::vector<std::uint64_t> wanted;
    for (const auto& [t, k] : due) {
      wanted.push_back(k);
      plain.erase(k);
    }
    REQUIRE(deadlines.take_due(when) == wanted);
    REQUIRE(deadlines.size() == plain.size());
  }
}
