// SPDX-License-Identifier: MPL-2.0
#include "core/base/integer.h"

#include <catch2/catch.hpp>
#include <cstdint>

using core::parse_integer;

TEST_CASE("text is a number if all of it is, and it fits", "[base][integer]") {
  CHECK(parse_integer<std::int64_t>("-42") == -42);
  CHECK(parse_integer<std::uint64_t>("18446744073709551615") == ~std::uint64_t{0});
  CHECK(parse_integer<std::uint16_t>("65535") == 65535);
  CHECK(parse_integer<int>("007") == 7);
  for (const auto* text : {"", " 1", "1 ", "+1", "1.0", "0x10", "one", "-"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_integer<std::int64_t>(text));
  }
  CHECK_FALSE(parse_integer<std::uint16_t>("65536"));
  CHECK_FALSE(parse_integer<std::uint64_t>("-1"));
}
