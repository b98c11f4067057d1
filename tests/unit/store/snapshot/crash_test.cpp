// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "store/snapshot/snapshots.h"
#include "tests/support/faulty_disk.h"

using namespace store::snapshot;
using core::Index;
using core::Term;
using test::FaultyDisk;

namespace {

SnapshotMeta meta(std::uint64_t index) {
  SnapshotMeta out;
  out.last = {Term{1}, Index{index}};
  return out;
}

core::Bytes content(std::uint64_t index) {
  return core::Bytes(10'000 + index, static_cast<char>('a' + index % 26));
}

core::Status sound(const std::string&) { return core::ok_status(); }

core::Result<Snapshot> make(FaultyDisk& disk, Snapshots& snapshots, std::uint64_t index) {
  return snapshots.create([&](const std::string& path, const auto& between) -> core::Result<SnapshotMeta> {
    TRY(auto file, disk.open(path, store::Open::create));
    TRY(file->write_at(0, content(index)));
    TRY(between());
    return meta(index);
  });
}

// Every snapshot that counts is whole, and `promised` is one of them.
void check(FaultyDisk& disk, std::uint64_t promised) {
  auto snapshots = Snapshots::open(disk, "/srv/snapshots", sound);
  if (!snapshots.ok()) FAIL(snapshots.error().detail);
  if (!snapshots->damaged().empty()) FAIL(snapshots->damaged()[0]);
  std::uint64_t newest = 0;
  for (const auto& snapshot : snapshots->list()) {
    const auto index = snapshot.meta.last.index.value;
    newest = std::max(newest, index);
    const auto piece = snapshots->read(snapshot.meta.last, 0, content(index).size());
    REQUIRE(piece.ok());
    REQUIRE(*piece->bytes == content(index));
  }
  if (newest < promised) FAIL("snapshot " << promised << " is gone");
  REQUIRE(snapshots->newest_valid().ok());
}

}  // namespace

TEST_CASE("no crash leaves half a snapshot or takes a promised one away", "[store][snapshot][crash]") {
  FaultyDisk disk;
  FaultyDisk other;
  core::Rng rng(7);
  std::uint64_t promised = 0;
  int states = 0;
  disk.set_hook([&](const FaultyDisk::Operation& operation) -> std::optional<core::Error> {
    if (!operation.changes()) return std::nullopt;
    for (const auto how : test::kCrashes) {
      CAPTURE(operation.number, operation.path, static_cast<int>(how));
      auto after = disk.after_crash(how, rng);
      check(*after, promised);
      ++states;
    }
    return std::nullopt;
  });
  auto here = Snapshots::open(disk, "/srv/snapshots", sound);
  auto there = Snapshots::open(other, "/srv/snapshots", sound);
  REQUIRE(here.ok());
  REQUIRE(there.ok());
  for (std::uint64_t index = 1; index <= 8; ++index) {
    if (index % 2 == 0) {
      REQUIRE(make(disk, *here, index).ok());
    } else {
      REQUIRE(make(other, *there, index).ok());
      for (std::uint64_t offset = 0;;) {
        const auto piece = there->read(meta(index).last, offset, 4000);
        REQUIRE(piece.ok());
        const bool last = offset + piece->bytes->size() == piece->size_bytes;
        const auto next = here->store({meta(index), offset, piece->bytes, last});
        REQUIRE(next.ok());
        offset = *next;
        if (last) break;
      }
    }
    promised = index;
    REQUIRE(here->keep(2).ok());
  }
  CHECK(states > 300);
}

TEST_CASE("a snapshot that cannot be written fails whole, and the next one works", "[store][snapshot]") {
  for (std::uint64_t nth = 1;; ++nth) {
    FaultyDisk disk;
    auto snapshots = Snapshots::open(disk, "/srv/snapshots", sound);
    REQUIRE(snapshots.ok());
    REQUIRE(make(disk, *snapshots, 1).ok());
    const auto fail_at = disk.operations() + nth;
    disk.set_hook([&](const FaultyDisk::Operation& operation) -> std::optional<core::Error> {
      if (operation.changes() && operation.number == fail_at)
        return core::Error{core::Errc::no_space, "full"};
      return std::nullopt;
    });
    const auto made = make(disk, *snapshots, 2);
    disk.set_hook(nullptr);
    if (made.ok()) break;
    CAPTURE(nth);
    check(disk, 1);
    REQUIRE(make(disk, *snapshots, 3).ok());
    check(disk, 3);
  }
}
