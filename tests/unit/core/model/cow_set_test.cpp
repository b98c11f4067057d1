// SPDX-License-Identifier: MPL-2.0
#include "core/model/cow_set.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "core/base/rng.h"

using core::Rng;
using core::model::CowSet;

namespace {

struct Entry {
  std::string key;
  int value = 0;
};
struct ByKey {
  using Key = std::string_view;
  static Key key(const Entry& entry) { return entry.key; }
  static std::string_view head(const Key& key) { return key; }
};
using Set = CowSet<Entry, ByKey>;
using Model = std::map<std::string, int>;

std::shared_ptr<const Entry> entry(std::string key, int value) {
  return std::make_shared<const Entry>(Entry{std::move(key), value});
}

Model contents(const Set::View& view) {
  Model out;
  std::string last;
  view.each([&](const auto& item) {
    REQUIRE((out.empty() || last < item->key));
    last = item->key;
    out.emplace(item->key, item->value);
  });
  REQUIRE(out.size() == view.size());
  return out;
}

// Keys that differ in their first 8 bytes, only behind them, or by a trailing zero byte.
std::string random_key(Rng& rng) {
  const auto n = std::to_string(rng.below(600));
  switch (rng.below(3)) {
    case 0: return n;
    case 1: return "same-beginning-" + n;
    default: return n + std::string(rng.below(3), '\0');
  }
}

}  // namespace

TEST_CASE("a set that changes at random stays what a map would be, and so do its snapshots", "[model][cow]") {
  const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{21}));
  CAPTURE(seed);
  Rng rng(seed);
  Set set;
  Model model;
  std::vector<std::pair<Set::View, Model>> snapshots;
  const auto erase_per_mille = static_cast<std::uint32_t>(rng.below(900));
  for (int step = 0; step < 3000; ++step) {
    const auto key = random_key(rng);
    if (rng.chance(erase_per_mille)) {
      CHECK(set.erase(key) == (model.erase(key) > 0));
    } else {
      set.put(entry(key, step));
      model[key] = step;
    }
    const auto probe = random_key(rng);
    const auto found = set.now().find(probe);
    const auto expected = model.find(probe);
    REQUIRE((found != nullptr) == (expected != model.end()));
    if (found) REQUIRE(found->value == expected->second);
    if (rng.chance(10)) snapshots.emplace_back(set.snapshot(), model);
  }
  CHECK(contents(set.now()) == model);
  for (const auto& [view, then] : snapshots) REQUIRE(contents(view) == then);
}

TEST_CASE("a set that is filled at once is what it would be after as many puts, and goes on", "[model][cow]") {
  const auto size = GENERATE(std::size_t{0}, 1u, 16u, 17u, 64u * 16u, 64u * 16u + 1u, 5000u);
  CAPTURE(size);
  Model model;
  Rng rng(size);
  while (model.size() < size) model[std::to_string(rng.below(100'000'000))] = static_cast<int>(rng.below(100));
  std::vector<Set::Entry> entries;
  for (const auto& [key, value] : model) entries.push_back({Set::head_of(key), entry(key, value)});
  Set set;
  set.fill(std::move(entries));
  CHECK(contents(set.now()) == model);
  for (const auto& [key, value] : model) REQUIRE(set.now().find(key)->value == value);
  const auto before = set.snapshot();
  auto changed = model;
  for (int i = 0; i < 300; ++i) {
    const auto key = rng.chance(300) && !changed.empty() ? changed.begin()->first : std::to_string(rng.below(100'000'000));
    if (rng.chance(500)) {
      set.put(entry(key, i));
      changed[key] = i;
    } else {
      CHECK(set.erase(key) == (changed.erase(key) == 1));
    }
  }
  CHECK(contents(set.now()) == changed);
  CHECK(contents(before) == model);
}

TEST_CASE("a scan starts at the first item not below its key", "[model][cow]") {
  Set set;
  for (int i = 0; i < 1000; i += 2) set.put(entry(std::to_string(10000 + i), i));
  const auto from = GENERATE(0, 1, 63, 64, 127, 500, 998, 999, 2000);
  std::vector<int> seen;
  set.now().scan(std::to_string(10000 + from), [&](const auto& item) {
    seen.push_back(item->value);
    return seen.size() < 3;
  });
  std::vector<int> expected;
  for (int i = from + from % 2; i < 1000 && expected.size() < 3; i += 2) expected.push_back(i);
  CHECK(seen == expected);
}

TEST_CASE("a set that lost everything takes new items", "[model][cow]") {
  Set set;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 500; ++i) set.put(entry(std::to_string(i), i));
    CHECK(set.now().size() == 500);
    for (int i = 0; i < 500; ++i) REQUIRE(set.erase(std::to_string(i)));
    CHECK(set.now().size() == 0);
    CHECK(set.now().find("1") == nullptr);
  }
}

TEST_CASE("what no snapshot and no set holds is freed", "[model][cow]") {
  Set set;
  std::weak_ptr<const Entry> first;
  for (int i = 0; i < 300; ++i) {
    auto made = entry(std::to_string(1000 + i), i);
    if (i == 64) first = made;
    set.put(std::move(made));
  }
  auto view = std::make_unique<Set::View>(set.snapshot());
  set.put(entry("1064", -1));
  CHECK(!first.expired());
  view.reset();
  CHECK(first.expired());  // no inner node keeps the old version as its boundary
}
