// SPDX-License-Identifier: MPL-2.0
#include "core/base/limits.h"
#include "store/snapshot/format.h"

#include <catch2/catch.hpp>

#include "tests/support/faulty_disk.h"

using namespace store::snapshot;
using core::Errc;
using core::Index;
using core::Term;

namespace {

SnapshotMeta meta() {
  SnapshotMeta out;
  out.last = {Term{3}, Index{700}};
  out.digest = core::digest({"chain"});
  out.configuration.peers = {{core::ServerId{"a"}, "127.0.0.1:4647", true}, {core::ServerId{"b"}, "", false}};
  out.configuration_index = Index{12};
  return out;
}

std::unique_ptr<store::File> file_with(test::FaultyDisk& disk, core::ByteView bytes) {
  REQUIRE(disk.make_directories("/d").ok());
  auto file = disk.open("/d/f", store::Open::replace);
  REQUIRE(file.ok());
  REQUIRE((*file)->write_at(0, bytes).ok());
  return std::move(file).value();
}

}  // namespace

TEST_CASE("a trailer is read back from behind the database", "[store][snapshot]") {
  test::FaultyDisk disk;
  const Trailer trailer{meta(), 2 * kBlockBytes, core::digest({"database"})};
  auto file = file_with(disk, core::Bytes(2 * kBlockBytes, 'd') + encode(trailer));
  const auto back = read_trailer(*file);
  REQUIRE(back.ok());
  CHECK(*back == trailer);
}

TEST_CASE("the largest configuration there may be fits a trailer", "[store][snapshot]") {
  auto large = meta();
  large.configuration.peers.clear();
  for (std::size_t i = 0; i < core::limits::kRaftPeersMax; ++i) {
    auto id = std::to_string(1000 + i);
    id.resize(core::limits::kIdBytesMax, 'i');
    large.configuration.peers.push_back(
        {core::ServerId{id}, core::Bytes(core::limits::kIdBytesMax, 'a'), true});
  }
  test::FaultyDisk disk;
  const Trailer trailer{large, 0, {}};
  auto file = file_with(disk, encode(trailer));
  const auto back = read_trailer(*file);
  REQUIRE(back.ok());
  CHECK(*back == trailer);
}

TEST_CASE("no flipped byte and no shorter file makes another trailer", "[store][snapshot]") {
  test::FaultyDisk disk;
  const Trailer trailer{meta(), kBlockBytes, core::digest({"database"})};
  const auto good = core::Bytes(kBlockBytes, 'd') + encode(trailer);
  for (std::size_t i = kBlockBytes; i < good.size(); ++i) {
    auto bad = good;
    bad[i] = static_cast<char>(bad[i] ^ (1 << i % 8));
    const auto back = read_trailer(*file_with(disk, bad));
    if (back.ok() && !(*back == trailer)) FAIL("byte " << i);
  }
  for (std::size_t size = 0; size < good.size(); size += 97)
    if (read_trailer(*file_with(disk, core::ByteView(good).substr(0, size))).ok()) FAIL("size " << size);
}

TEST_CASE("a plain database is no snapshot", "[store][snapshot]") {
  test::FaultyDisk disk;
  const auto trailer = read_trailer(*file_with(disk, core::Bytes(8192, 'd')));
  REQUIRE(!trailer.ok());
  CHECK(trailer.error().code == Errc::corrupt);
  CHECK(trailer.error().detail.find("/d/f") != std::string::npos);
}

TEST_CASE("snapshot names go both ways and nothing else is one", "[store][snapshot]") {
  CHECK(name_of({Term{3}, Index{700}}) == "700-3");
  CHECK(parse_name("700-3") == EntryId{Term{3}, Index{700}});
  for (const auto* name :
       {"", "-", "700", "700-", "-3", "0700-3", "700-3x", "700--3", "99999999999999999999-1"})
    CHECK(!parse_name(name));
}
