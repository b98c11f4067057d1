// SPDX-License-Identifier: MPL-2.0
#include "store/log/format.h"

#include <catch2/catch.hpp>

#include "tests/support/history.h"

using namespace store::log;
using core::Bytes;
using core::ByteView;
using core::Errc;

namespace {

SegmentHeader header() { return {7, Index{42}, Term{3}, core::digest({"before"}), true}; }

}  // namespace

TEST_CASE("a segment header comes back as it was, though one of its two copies be damaged", "[store][log]") {
  const auto block = encode(header());
  REQUIRE(block.size() == kHeaderBytes);
  REQUIRE(decode_segment_header(block).ok());
  CHECK(*decode_segment_header(block) == header());
  const std::size_t half = kHeaderBytes / 2;
  const std::size_t used = block.find_last_not_of('\0') + 1 - half;
  REQUIRE(used < 512);
  for (std::size_t i = 0; i < used; ++i) {
    CAPTURE(i);
    auto damaged = block;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    REQUIRE(decode_segment_header(damaged).ok());
    CHECK(*decode_segment_header(damaged) == header());
    damaged[half + (i + 7) % used] = static_cast<char>(damaged[half + (i + 7) % used] ^ 0x10);
    CHECK(!decode_segment_header(damaged).ok());
    CHECK(!decode_segment_header(ByteView(block).substr(0, i)).ok());
  }
}

TEST_CASE("segment names sort as their numbers do and nothing else is taken for one", "[store][log]") {
  CHECK(segment_name(Index{42}) == "00000000000000000042.seg");
  CHECK(first_of_name("00000000000000000042.seg") == Index{42});
  CHECK(first_of_name(segment_name(Index{UINT64_MAX})) == Index{UINT64_MAX});
  for (const auto* name : {"42.seg", "00000000000000000042.tmp", "0000000000000000004x.seg",
                           "99999999999999999999.seg", "00000000000000000042.seg~", ""})
    CHECK(!first_of_name(name));
}

TEST_CASE("a record is read back as the entry it was", "[store][log]") {
  test::History history({Term{2}, Index{9}}, core::digest({"previous"}));
  const auto previous = history.digest();
  const auto payload =
      GENERATE(std::string(), std::string("x"), std::string("12345678"), std::string(5000, 'y'));
  const auto entry = history.command(Term{3}, payload);
  Bytes bytes;
  append_record(bytes, salt_of(header()), Index{10}, entry);
  CHECK(bytes.size() == record_size(payload.size()));
  CHECK(bytes.size() % kAlignment == 0);
  const auto back = verify_record(bytes, salt_of(header()), Index{10}, previous, std::make_shared<Bytes>());
  REQUIRE(back.ok());
  CHECK(back->id == entry.id);
  CHECK(back->kind == entry.kind);
  CHECK(back->type == entry.type);
  CHECK(back->time == entry.time);
  CHECK(back->request == entry.request);
  CHECK(*back->payload == payload);
  CHECK(back->digest == entry.digest);
}

TEST_CASE("a record is refused where it does not belong", "[store][log]") {
  test::History history;
  const auto entry = history.command(Term{1}, "payload");
  const auto salt = salt_of(header());
  Bytes bytes;
  append_record(bytes, salt, Index{1}, entry);
  const auto scratch = std::make_shared<Bytes>();
  REQUIRE(verify_record(bytes, salt, Index{1}, Digest{}, scratch).ok());
  SECTION("as another entry") { CHECK(!verify_record(bytes, salt, Index{2}, Digest{}, scratch).ok()); }
  SECTION("after another history") {
    CHECK(!verify_record(bytes, salt, Index{1}, core::digest({"other"}), scratch).ok());
  }
  SECTION("in another segment") {
    auto other = header();
    other.generation += 1;
    CHECK(!parse_record(bytes, salt_of(other)));
  }
  SECTION("cut short") {
    for (std::size_t size = 0; size < bytes.size(); ++size)
      CHECK(!verify_record(ByteView(bytes).substr(0, size), salt, Index{1}, Digest{}, scratch).ok());
  }
}

TEST_CASE("a seal is known only in its own segment", "[store][log]") {
  Bytes bytes;
  append_seal(bytes, salt_of(header()), {Index{5}, core::digest({"d"})});
  REQUIRE(bytes.size() == kSealBytes);
  const auto seal = parse_seal(bytes, salt_of(header()));
  REQUIRE(seal);
  CHECK(seal->index == Index{5});
  CHECK(seal->digest == core::digest({"d"}));
  CHECK(!parse_seal(bytes, Digest{}));
  bytes[9] = 1;
  CHECK(!parse_seal(bytes, salt_of(header())));
}
