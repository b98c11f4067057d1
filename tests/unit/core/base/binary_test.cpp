// SPDX-License-Identifier: MPL-2.0
#include "core/base/binary.h"

#include <catch2/catch.hpp>

TEST_CASE("what a Writer wrote a Reader reads", "[binary]") {
  core::Writer w;
  w.u8(7);
  w.u16(65535);
  w.u32(1u << 31);
  w.i64(-5);
  w.boolean(true);
  w.string("abc");
  core::Reader r(w.bytes());
  CHECK(*r.u8() == 7);
  CHECK(*r.u16() == 65535);
  CHECK(*r.u32() == 1u << 31);
  CHECK(*r.i64() == -5);
  CHECK(*r.boolean());
  CHECK(*r.string(3) == "abc");
  CHECK(r.end().ok());
}

TEST_CASE("every shorter input is refused and never read past", "[binary]") {
  core::Writer w;
  w.u64(1);
  w.string("payload");
  const auto full = w.take();
  for (std::size_t length = 0; length < full.size(); ++length) {
    core::Reader r(core::ByteView(full).substr(0, length));
    const auto number = r.u64();
    if (number.ok()) CHECK(!r.string(100).ok());
  }
}

TEST_CASE("a length over the limit is refused before the bytes are looked at", "[binary]") {
  core::Writer w;
  w.string("four");
  core::Reader r(w.bytes());
  const auto text = r.string(3);
  REQUIRE(!text.ok());
  CHECK(text.error().code == core::Errc::corrupt);
}
