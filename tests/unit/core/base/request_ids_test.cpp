// SPDX-License-Identifier: MPL-2.0
#include "core/base/request_ids.h"

#include <catch2/catch.hpp>
#include <set>

using core::RequestId;
using core::RequestIds;
using core::Rng;

TEST_CASE("requests of one place lie beside each other, those of another elsewhere", "[base][request]") {
  RequestIds here{Rng(1)}, there{Rng(2)};
  const auto first = here.next();
  const auto other = there.next();
  CHECK(first.set());
  auto last = first;
  for (int i = 0; i < 1000; ++i) {
    const auto next = here.next();
    REQUIRE(last < next);
    REQUIRE((other < first || next < other));
    last = next;
  }
}

TEST_CASE("two places count from beginnings of their own", "[base][request]") {
  std::set<RequestId> seen;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    RequestIds ids{Rng(seed)};
    for (int i = 0; i < 10; ++i) CHECK(seen.insert(ids.next()).second);
  }
}
