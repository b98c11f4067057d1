// SPDX-License-Identifier: MPL-2.0
#include "core/base/uuid_order.h"

#include <catch2/catch.hpp>
#include <set>

#include "core/base/id.h"
#include "core/base/rng.h"

using namespace core;

TEST_CASE("a UUID begins with the digits that were asked for") {
  Rng rng(1);
  const auto id = make_uuid_at(0x00c0ffee, rng);
  CHECK(is_uuid(id));
  CHECK(id.substr(0, 8) == "00c0ffee");
  CHECK(id[14] == '4');
  CHECK(make_uuid_at(0x00c0ffee, rng) != id);
}

TEST_CASE("a UUID's next one begins with the next number") {
  Rng rng(1);
  CHECK(make_uuid_after("00c0ffff-0000-4000-8000-000000000000", rng).substr(0, 8) == "00c10000");
  CHECK(make_uuid_after("ffffffff-0000-4000-8000-000000000000", rng).substr(0, 8) == "00000000");
  const auto anywhere = make_uuid_after("no UUID", rng);
  CHECK(is_uuid(anywhere));
  CHECK(make_uuid_after("", rng).substr(0, 8) != anywhere.substr(0, 8));
}

TEST_CASE("a series grows and leaves room for what follows from each of its ids") {
  Rng rng(1);
  UuidSeries series(0x10);
  std::set<std::string> begins;
  std::string last;
  for (int i = 0; i < 20; ++i) {
    const auto id = series.draw(rng);
    CHECK(is_uuid(id));
    CHECK(last < id);
    begins.insert(id.substr(0, 8));
    std::string follower = id;
    for (int k = 0; k < 100; ++k) {
      follower = make_uuid_after(follower, rng);
      CHECK(begins.insert(follower.substr(0, 8)).second);
    }
    last = id;
  }
}
