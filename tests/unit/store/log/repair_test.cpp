// SPDX-License-Identifier: MPL-2.0
#include "store/log/repair.h"

#include "tests/unit/store/log/log_fixture.h"

using namespace store::log;
using core::Errc;
using test::append_save;
using test::FaultyDisk;
using test::History;
using test::kHome;
using test::open_log;

namespace {

struct Filled {
  std::vector<Entry> all;
  History history;
};

// Batches of three entries over some segments.
Filled fill(FaultyDisk& disk, int batches = 20) {
  Filled out;
  out.all = test::fill(disk, out.history, batches, 300, 3);
  return out;
}

std::vector<Entry> lost(const Filled& filled, const Hole& hole) {
  return {filled.all.begin() + static_cast<long>(hole.first.value) - 1,
          filled.all.begin() + static_cast<long>(hole.last.value)};
}

// Fetches what is missing until nothing is.
void repair(FaultyDisk& disk, const Filled& filled) {
  for (int round = 0; round < 100; ++round) {
    const auto hole = find_hole(disk, kHome);
    if (!hole.ok()) FAIL(hole.error().detail);
    if (!*hole) return;
    const auto status = fill_hole(disk, kHome, **hole, lost(filled, **hole));
    if (!status.ok()) FAIL(status.error().detail);
  }
  FAIL("no end to it");
}

}  // namespace

TEST_CASE("a sound log has no hole and nothing to salvage", "[store][log][repair]") {
  FaultyDisk disk;
  fill(disk);
  CHECK(!*find_hole(disk, kHome));
  const auto salvaged = salvage(disk, kHome, std::nullopt);
  REQUIRE(salvaged.ok());
  CHECK(salvaged->reasons.empty());
  CHECK(open_log(disk).log->last().index == Index{60});
}

TEST_CASE("wherever a byte rots, another server's entries mend the log to the last byte",
          "[store][log][repair]") {
  FaultyDisk disk;
  const auto filled = fill(disk);
  const auto files = test::segment_files(disk);
  REQUIRE(files.size() > 1);
  core::Rng rng(11);
  int holes = 0;
  for (const auto& path : files) {
    const auto size = disk.contents(path).find_last_not_of('\0') + 1;
    for (std::uint64_t offset = kHeaderBytes; offset < size; offset += 1 + rng.below(40)) {
      CAPTURE(path, offset);
      const auto copy = disk.after_crash(test::Crash::kept, rng);
      copy->flip(path, offset, static_cast<std::uint8_t>(1 << rng.below(8)));
      holes += find_hole(*copy, kHome)->has_value();
      repair(*copy, filled);
      const auto opened = open_log(*copy);
      if (opened.log->last_digest() != filled.history.digest()) FAIL("not mended");
    }
  }
  CHECK(holes > 500);
}

TEST_CASE("a stretch of many entries is fetched as one", "[store][log][repair]") {
  FaultyDisk disk;
  const auto filled = fill(disk);
  const auto files = test::segment_files(disk);
  const auto size = disk.contents(files[0]).find_last_not_of('\0') + 1;
  SECTION("from the middle on") { disk.overwrite(files[0], kHeaderBytes + 1000, core::Bytes(3000, '\x11')); }
  SECTION("all of the segment") {
    disk.overwrite(files[0], kHeaderBytes, core::Bytes(size - kHeaderBytes, '\0'));
    const auto hole = find_hole(disk, kHome);
    REQUIRE(hole.ok());
    REQUIRE(*hole);
    CHECK((*hole)->first == Index{1});
    CHECK((*hole)->last.next() == *first_of_name(files[1].substr(files[1].size() - 24)));
  }
  CHECK(!recover(disk, kHome, std::nullopt, test::kSmall).ok());
  repair(disk, filled);
  auto opened = open_log(disk);
  CHECK(opened.log->last() == filled.history.last());
  CHECK(test::read_all(*opened.log).size() == filled.all.size());
}

TEST_CASE("an entry whose record is gone is proven by the record behind it, which nobody else need have", "[store][log][repair]") {
  FaultyDisk disk;
  const auto filled = fill(disk);
  const auto path = test::segment_files(disk)[0];
  disk.overwrite(path, kHeaderBytes + record_size(300), core::Bytes(kRecordBytes, '\x55'));  // of entry 2
  const auto hole = **find_hole(disk, kHome);
  CHECK(hole.first == Index{2});
  CHECK(hole.last == Index{2});
  CHECK(hole.wanted() == Index{3});
  REQUIRE(fill_hole(disk, kHome, hole, lost(filled, hole)).ok());
  CHECK(open_log(disk).log->last_digest() == filled.history.digest());
}

TEST_CASE("where the record behind a hole is damaged too, both are put back", "[store][log][repair]") {
  FaultyDisk disk;
  const auto filled = fill(disk);
  const auto path = test::segment_files(disk)[0];
  const auto size = record_size(300);
  disk.overwrite(path, kHeaderBytes + size, core::Bytes(kRecordBytes, '\x55'));  // of entry 2
  disk.flip(path, kHeaderBytes + 2 * size + kRecordBytes + 3, 0x01);             // the payload of entry 3
  const auto hole = **find_hole(disk, kHome);
  CHECK(fill_hole(disk, kHome, hole, lost(filled, hole)).error().code == Errc::corrupt);
  REQUIRE(fill_hole(disk, kHome, hole, {{filled.all[1], filled.all[2]}}).ok());
  CHECK(!*find_hole(disk, kHome));
  CHECK(open_log(disk).log->last_digest() == filled.history.digest());
}

TEST_CASE("a segment that is gone is put back behind the one before it", "[store][log][repair]") {
  FaultyDisk disk;
  const auto filled = fill(disk, 60);
  const auto files = test::segment_files(disk);
  REQUIRE(files.size() > 3);
  REQUIRE(disk.remove(files[GENERATE(1u, 2u)]).ok());
  REQUIRE(!recover(disk, kHome, std::nullopt, test::kSmall).ok());
  repair(disk, filled);
  CHECK(open_log(disk).log->last_digest() == filled.history.digest());
}

TEST_CASE("only what was lost goes into a hole", "[store][log][repair]") {
  FaultyDisk disk;
  const auto filled = fill(disk);
  disk.flip(test::segment_files(disk)[0], kHeaderBytes + 500, 0x01);
  const auto hole = **find_hole(disk, kHome);
  const auto before = disk.contents(hole.path);
  auto entries = lost(filled, hole);
  SECTION("not fewer") { entries.pop_back(); }
  SECTION("not more") { entries.push_back(filled.all[static_cast<std::size_t>(hole.last.value)]); }
  SECTION("not others that chain as well") {
    History branch(filled.all[static_cast<std::size_t>(hole.first.value) - 2].id, hole.previous);
    entries = branch.commands(Term{1}, entries.size(), 300);
    entries = {branch.command(Term{2}, "x")};
  }
  SECTION("not with another payload") { entries[0].payload = std::make_shared<const core::Bytes>("forged"); }
  CHECK(fill_hole(disk, kHome, hole, entries).error().code == Errc::corrupt);
  CHECK(disk.contents(hole.path) == before);
}

TEST_CASE("whatever fails in a repair, what the next process reads survives a power cut", "[store][log][repair]") {
  for (int working = 0;; ++working) {
    CAPTURE(working);
    FaultyDisk disk;
    const auto filled = fill(disk);
    disk.flip(test::segment_files(disk)[0], kHeaderBytes + 500, 0x01);
    const auto hole = **find_hole(disk, kHome);
    int left = working;
    disk.set_hook([&left](const FaultyDisk::Operation& operation) -> std::optional<core::Error> {
      if (!operation.changes() || left-- > 0) return std::nullopt;
      return core::Error{Errc::io, operation.path + ": input/output error"};
    });
    const auto status = fill_hole(disk, kHome, hole, lost(filled, hole));
    disk.set_hook(nullptr);
    disk.end_process();
    if (!recover(disk, kHome, std::nullopt, test::kSmall).ok()) repair(disk, filled);
    disk.end_process();
    core::Rng rng(1);
    disk.crash(test::Crash::lost, rng);
    CHECK(open_log(disk).log->last_digest() == filled.history.digest());
    if (!status.ok()) continue;
    CHECK(working > 3);
    return;
  }
}

TEST_CASE("salvage keeps what comes before the damage, and copies of everything", "[store][log][repair]") {
  FaultyDisk disk;
  const auto filled = fill(disk);
  const auto files = test::segment_files(disk);
  std::uint64_t kept = 0;
  SECTION("a record in the first segment") {
    disk.flip(files[0], kHeaderBytes + 4 * record_size(300) + 20, 0x01);
    kept = 4;
  }
  SECTION("the very first record") { disk.flip(files[0], kHeaderBytes + 20, 0x01); }
  SECTION("the header of a later segment") {
    disk.overwrite(files[1], 0, core::Bytes(kHeaderBytes, '\x01'));
    kept = first_of_name(files[1].substr(files[1].size() - 24))->value - 1;
  }
  SECTION("a missing segment") {
    REQUIRE(files.size() > 1);
    REQUIRE(disk.remove(files[0]).ok());
    REQUIRE(disk.open(files[0], store::Open::create).ok());
  }
  REQUIRE(!recover(disk, kHome, std::nullopt, test::kSmall).ok());
  const auto salvaged = salvage(disk, kHome, std::nullopt);
  REQUIRE(salvaged.ok());
  CHECK(!salvaged->reasons.empty());
  CHECK(salvaged->copies == kHome + "/salvaged-1");
  CHECK(disk.list(salvaged->copies)->size() == files.size());
  auto opened = open_log(disk);
  CHECK(opened.log->last().index == Index{kept});
  CHECK(test::read_all(*opened.log).size() == kept);
  History history(opened.log->last(), opened.log->last_digest());
  test::save(*opened.log, append_save(history.commands(Term{2}, 2)));
  CHECK(open_log(disk).log->last() == history.last());
}
