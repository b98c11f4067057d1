// SPDX-License-Identifier: MPL-2.0
#include "store/log/hard_state.h"

#include <catch2/catch.hpp>

#include "tests/support/faulty_disk.h"

using namespace store::log;
using core::Errc;
using core::ServerId;
using core::Term;

namespace {

const std::string kPath = "/srv/hard_state";

HardState state(std::uint64_t term, const std::string& vote) { return {Term{term}, ServerId{vote}}; }

HardStateFile create(test::FaultyDisk& disk) {
  REQUIRE(disk.make_directories("/srv").ok());
  auto file = HardStateFile::create(disk, "/srv");
  REQUIRE(file.ok());
  return std::move(file).value();
}

HardStateFile reopen(test::FaultyDisk& disk) {
  auto file = HardStateFile::open(disk, "/srv");
  if (!file.ok()) FAIL(file.error().detail);
  REQUIRE(*file);
  return std::move(**file);
}

}  // namespace

TEST_CASE("a server that never voted has no hard state file", "[store][log]") {
  test::FaultyDisk disk;
  REQUIRE(disk.make_directories("/srv").ok());
  const auto file = HardStateFile::open(disk, "/srv");
  REQUIRE(file.ok());
  CHECK(!*file);
}

TEST_CASE("term and vote survive a power cut that loses everything not synced", "[store][log]") {
  test::FaultyDisk disk;
  core::Rng rng(1);
  auto file = create(disk);
  for (std::uint64_t term = 1; term < 6; ++term) {
    REQUIRE(file.write(state(term, "s" + std::to_string(term))).ok());
    disk.crash(test::Crash::lost, rng);
    file = reopen(disk);
    CHECK(file.state() == state(term, "s" + std::to_string(term)));
    CHECK(file.mended().empty());
  }
}

TEST_CASE("a vote costs one sync", "[store][log]") {
  test::FaultyDisk disk;
  auto file = create(disk);
  int syncs = 0;
  disk.set_hook([&](const test::FaultyDisk::Operation& operation) -> std::optional<core::Error> {
    if (operation.kind == test::FaultyDisk::Operation::Kind::sync) ++syncs;
    return std::nullopt;
  });
  REQUIRE(file.write(state(1, "a")).ok());
  CHECK(syncs == 1);
}

TEST_CASE("damage to either slot neither loses nor brings back a vote, and is mended", "[store][log]") {
  const auto slot = GENERATE(0u, 4096u);
  test::FaultyDisk disk;
  {
    auto file = create(disk);
    REQUIRE(file.write(state(1, "old")).ok());
    REQUIRE(file.write(state(2, "new")).ok());
  }
  disk.flip(kPath, slot + 30, 0x01);
  const auto first = reopen(disk);
  CHECK(first.state() == state(2, "new"));
  CHECK(first.mended().find(kPath + ": offset " + std::to_string(slot)) != std::string::npos);
  CHECK(reopen(disk).mended().empty());
  disk.flip(kPath, (4096 - slot) + 30, 0x01);
  CHECK(reopen(disk).state() == state(2, "new"));
}

TEST_CASE("with both slots damaged the vote is gone, and that is said", "[store][log]") {
  test::FaultyDisk disk;
  { create(disk); }
  disk.flip(kPath, 30, 0x01);
  disk.flip(kPath, 4096 + 30, 0x01);
  const auto file = HardStateFile::open(disk, "/srv");
  REQUIRE(!file.ok());
  CHECK(file.error().code == Errc::corrupt);
  CHECK(file.error().detail.find(kPath) != std::string::npos);
}

TEST_CASE("no flipped byte of the hard state is ever believed", "[store][log]") {
  test::FaultyDisk disk;
  {
    auto file = create(disk);
    REQUIRE(file.write(state(1, "old")).ok());
    REQUIRE(file.write(state(9, "candidate")).ok());
  }
  const auto good = disk.contents(kPath);
  for (std::size_t i = 0; i < good.size(); ++i) {
    disk.overwrite(kPath, 0, good);
    disk.flip(kPath, i, static_cast<std::uint8_t>(1 << i % 8));
    if (reopen(disk).state() != state(9, "candidate")) FAIL("byte " << i);
  }
}

TEST_CASE("a vote that a failed sync dropped is not lost once a restart has read it", "[store][log]") {
  test::FaultyDisk disk;
  {
    auto file = create(disk);
    REQUIRE(file.write(state(1, "me")).ok());
    disk.set_hook([](const test::FaultyDisk::Operation& operation) -> std::optional<core::Error> {
      if (operation.kind != test::FaultyDisk::Operation::Kind::sync) return std::nullopt;
      return core::Error{Errc::io, "cannot sync"};
    });
    REQUIRE(!file.write(state(2, "you")).ok());
  }
  disk.set_hook({});
  disk.end_process();
  CHECK(reopen(disk).state() == state(2, "you"));
  core::Rng rng(1);
  disk.crash(test::Crash::lost, rng);
  CHECK(reopen(disk).state() == state(2, "you"));
}
