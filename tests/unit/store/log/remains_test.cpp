// SPDX-License-Identifier: MPL-2.0
#include "store/log/remains.h"

#include "tests/unit/store/log/log_fixture.h"

using namespace store::log;
using core::Errc;
using test::append_save;
using test::FaultyDisk;
using test::History;
using test::kHome;
using test::open_log;

namespace {

constexpr auto kSize = record_size(300);

// Entries 1 to 60 over some segments.
std::vector<Entry> fill(FaultyDisk& disk) {
  History history;
  return test::fill(disk, history, 20, 300, 3);
}

std::vector<std::uint64_t> indexes(const core::Result<std::vector<Entry>>& entries) {
  REQUIRE(entries.ok());
  std::vector<std::uint64_t> out;
  for (const auto& entry : *entries) out.push_back(entry.id.index.value);
  return out;
}

using Indexes = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("entries are read from a damaged log up to where they are damaged, and from behind it", "[store][log][repair]") {
  FaultyDisk disk;
  const auto all = fill(disk);
  const auto files = test::segment_files(disk);
  disk.flip(files[0], kHeaderBytes + 4 * kSize + kRecordBytes, 0x01);  // the payload of entry 5
  CHECK(indexes(read_remains(disk, kHome, Index{3}, Index{9}, 1 << 20)) == Indexes{3, 4});
  CHECK(indexes(read_remains(disk, kHome, Index{5}, Index{9}, 1 << 20)).empty());
  CHECK(indexes(read_remains(disk, kHome, Index{6}, Index{9}, 1 << 20)) == Indexes{6, 7, 8, 9});
  const auto behind = read_remains(disk, kHome, Index{6}, Index{60}, 1 << 20);
  REQUIRE(behind.ok());
  REQUIRE(behind->size() == 55);
  CHECK(behind->back().digest == all.back().digest);
  CHECK(*behind->back().payload == *all.back().payload);
}

TEST_CASE("a reader of a damaged log gets as much as it asked for, but at least one entry", "[store][log][repair]") {
  FaultyDisk disk;
  fill(disk);
  CHECK(indexes(read_remains(disk, kHome, Index{1}, Index{60}, 1)) == Indexes{1});
  CHECK(indexes(read_remains(disk, kHome, Index{1}, Index{60}, 3 * kSize)) == Indexes{1, 2, 3});
  CHECK(indexes(read_remains(disk, kHome, Index{61}, Index{70}, 1 << 20)).empty());
}

TEST_CASE("what lies behind a snapshot is found whatever became of what lies before it", "[store][log][repair]") {
  FaultyDisk disk;
  const auto all = fill(disk);
  const auto files = test::segment_files(disk);
  disk.overwrite(files[0], kHeaderBytes, core::Bytes(5 * kSize, '\x77'));  // entries 1 to 5
  const auto behind = remains_behind(disk, kHome, Index{5}, all[4].digest);
  REQUIRE(behind.ok());
  CHECK(behind->size() == 55);
  CHECK(indexes(remains_behind(disk, kHome, Index{60}, all.back().digest)).empty());
  CHECK(indexes(remains_behind(disk, kHome, Index{99}, core::digest({"later"}))).empty());
  CHECK(remains_behind(disk, kHome, Index{4}, all[3].digest).error().code == Errc::corrupt);
  CHECK(remains_behind(disk, kHome, Index{5}, core::digest({"of another history"})).error().code == Errc::corrupt);
}

TEST_CASE("behind a snapshot that overruled the log's entry nothing counts", "[store][log][repair]") {
  FaultyDisk disk;
  const auto all = fill(disk);
  disk.flip(test::segment_files(disk)[0], kHeaderBytes + kSize + 100, 0x01);
  CHECK(indexes(remains_behind(disk, kHome, Index{7}, core::digest({"of another history"}))).empty());
  CHECK(indexes(remains_behind(disk, kHome, Index{7}, all[6].digest)).size() == 53);
}

TEST_CASE("the newest configuration of a damaged log can be read", "[store][log][repair]") {
  FaultyDisk disk;
  History history;
  core::raft::Configuration first, second;
  first.put({.id = core::ServerId{"a"}, .address = "10.0.0.1:4647", .voter = true});
  second = first;
  second.put({.id = core::ServerId{"b"}, .address = "10.0.0.2:4647", .voter = true});
  CHECK(!*newest_configuration(disk, kHome));
  {
    auto opened = open_log(disk);
    test::save(*opened.log, test::vote_save(2, "me"));
    test::save(*opened.log, append_save({history.configuration(Term{1}, first)}));
    test::save(*opened.log, append_save(history.commands(Term{1}, 3)));
    test::save(*opened.log, append_save({history.configuration(Term{1}, second)}));
  }
  CHECK(**newest_configuration(disk, kHome) == second);
  disk.flip(test::segment_files(disk)[0], kHeaderBytes + 100, 0x01);
  CHECK(**newest_configuration(disk, kHome) == second);
}
