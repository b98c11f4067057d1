// SPDX-License-Identifier: MPL-2.0
#include "core/base/digest.h"

#include <catch2/catch.hpp>

TEST_CASE("a checksum is SipHash-2-4 under a key of zeros", "[base][digest]") {
  CHECK(core::checksum("") == 0x1e924b9d737700d7ull);
  CHECK(core::checksum("row") == 0x26a97b566ad98082ull);
  CHECK(core::checksum(std::string(100, 'x')) == 0xf22cf540b9a51e86ull);
}
