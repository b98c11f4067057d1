// SPDX-License-Identifier: MPL-2.0
#include "store/log/recovery.h"

#include "tests/unit/store/log/log_fixture.h"

using namespace store::log;
using core::Errc;
using core::raft::Save;
using test::append_save;
using test::FaultyDisk;
using test::fill;
using test::History;
using test::kHome;
using test::open_log;
using test::save;

namespace {

core::Error refusal(FaultyDisk& disk, const std::optional<SnapshotMeta>& snapshot = std::nullopt) {
  const auto recovered = recover(disk, kHome, snapshot, test::kSmall);
  if (recovered.ok()) FAIL("was not refused");
  return recovered.error();
}

bool says(const core::Error& error, const std::string& text) {
  return error.detail.find(text) != std::string::npos;
}

constexpr std::uint64_t kBatch = 2 * record_size(300);

}  // namespace

TEST_CASE("rot of an acknowledged entry is refused with file and offset, and nothing is cut",
          "[store][log]") {
  FaultyDisk disk;
  History history;
  fill(disk, history, 5);
  const auto path = test::segment_files(disk)[0];
  // The record at which the log can no longer be read: of a batch in the middle, and of the last.
  const auto nth = GENERATE(0u, 2u, 4u);
  const auto offset = kHeaderBytes + nth * kBatch;
  const auto within = GENERATE(0u, 5u, 12u, 60u, 70u, 150u);
  CAPTURE(nth, within);
  disk.flip(path, offset + within, 0x20);
  const auto before = disk.contents(path);
  const auto error = refusal(disk);
  CHECK(error.code == Errc::corrupt);
  CHECK(says(error, path + ": offset " + std::to_string(offset) + ": entry " + std::to_string(2 * nth + 1)));
  CHECK(says(error, "nomad operator salvage"));
  CHECK(disk.contents(path) == before);
}

TEST_CASE("a batch that never reached the disk whole is cut, and the log goes on", "[store][log]") {
  FaultyDisk disk;
  History history;
  const auto all = fill(disk, history, 5);
  const auto path = test::segment_files(disk)[0];
  const auto last_batch = kHeaderBytes + 4 * kBatch;
  auto bytes = disk.contents(path);
  SECTION("its end is missing") { disk.overwrite(path, last_batch + 400, core::Bytes(2000, '\0')); }
  SECTION("its beginning is missing, its end is there") {
    disk.overwrite(path, last_batch, core::Bytes(300, '\0'));
    disk.overwrite(path, last_batch + kBatch, core::Bytes(kSealBytes, '\0'));
  }
  SECTION("it is garbage") { disk.overwrite(path, last_batch, core::Bytes(kBatch + kSealBytes, '\x5a')); }
  auto opened = open_log(disk);
  REQUIRE(opened.mended.size() == 1);
  CHECK(opened.mended[0].find(path + ": offset ") != std::string::npos);
  CHECK(opened.log->last().index < all.back().id.index);
  CHECK(opened.log->last().index >= all[7].id.index);
  const auto last = all[opened.log->last().index.value - 1];
  History again(last.id, last.digest);
  save(*opened.log, append_save(again.commands(Term{1}, 7)));
  opened = open_log(disk);
  CHECK(opened.mended.empty());
  CHECK(opened.log->last() == again.last());
}

TEST_CASE("rot of the last seal is harmless", "[store][log]") {
  FaultyDisk disk;
  History history;
  fill(disk, history, 5);
  disk.flip(test::segment_files(disk)[0], kHeaderBytes + 5 * kBatch + GENERATE(0u, 9u, 31u), 0x01);
  CHECK(open_log(disk).log->last() == history.last());
  CHECK(open_log(disk).mended.empty());
}

TEST_CASE("a damaged segment header is refused", "[store][log]") {
  FaultyDisk disk;
  History history;
  fill(disk, history, 60);
  const auto path = test::segment_files(disk)[GENERATE(0u, 1u)];
  disk.overwrite(path, 0, core::Bytes(kHeaderBytes, '\x02'));
  const auto error = refusal(disk);
  CHECK(error.code == Errc::corrupt);
  CHECK(says(error, path + ": offset 0"));
}

TEST_CASE("a segment header with one damaged copy is read from the other, and both are sound again", "[store][log]") {
  FaultyDisk disk;
  History history;
  fill(disk, history, 60);
  const auto path = test::segment_files(disk)[GENERATE(0u, 1u)];
  const auto before = disk.contents(path);
  disk.flip(path, GENERATE(20u, 2048u + 20u), 0x02);
  const auto opened = open_log(disk);
  CHECK(opened.log->last() == history.last());
  REQUIRE(opened.mended.size() == 1);
  CHECK(opened.mended[0].find(path) != std::string::npos);
  CHECK(disk.contents(path).substr(0, kHeaderBytes) == before.substr(0, kHeaderBytes));
}

TEST_CASE("a missing segment is refused", "[store][log]") {
  FaultyDisk disk;
  History history;
  fill(disk, history, 60);
  const auto files = test::segment_files(disk);
  REQUIRE(files.size() > 3);
  SECTION("in the middle") {
    REQUIRE(disk.remove(files[1]).ok());
    CHECK(says(refusal(disk), files[0] + ": offset "));
  }
  SECTION("the first") {
    REQUIRE(disk.remove(files[0]).ok());
    CHECK(says(refusal(disk), "no valid snapshot"));
  }
  SECTION("all of them") {
    for (const auto& path : files) REQUIRE(disk.remove(path).ok());
    CHECK(says(refusal(disk), "its log is lost"));
  }
  SECTION("the hard state") {
    REQUIRE(disk.remove(kHome + "/hard_state").ok());
    CHECK(says(refusal(disk), "hard_state is missing"));
  }
}

TEST_CASE("a segment under another's name is refused", "[store][log]") {
  FaultyDisk disk;
  History history;
  fill(disk, history, 3);
  REQUIRE(disk.rename(test::segment_files(disk)[0], kHome + "/log/" + segment_name(Index{9})).ok());
  CHECK(says(refusal(disk), "begins at entry 1"));
}

TEST_CASE("a segment of a version to come is refused as unsupported", "[store][log]") {
  FaultyDisk disk;
  History history;
  fill(disk, history, 3);
  const auto path = test::segment_files(disk)[0];
  auto header = encode(SegmentHeader{1, Index{1}, Term{0}, Digest{}, false});
  header[8] = 2;
  header.resize(kHeaderBytes / 2);  // the first of its copies
  const auto used = header.find_last_not_of('\0') + 1;
  const auto checked = core::ByteView(header).substr(0, 8 + 4 + 8 * 3 + 16 + 1);
  REQUIRE(used <= checked.size() + 16);
  header.replace(checked.size(), 16, core::digest({checked}).view());
  disk.overwrite(path, 0, header);
  CHECK(refusal(disk).code == Errc::unsupported);
}

TEST_CASE("segments that newer ones cover and half-made files are removed", "[store][log]") {
  FaultyDisk disk;
  History history;
  const auto all = fill(disk, history, 60);
  const auto files = test::segment_files(disk);
  const auto old = disk.contents(files[2]);
  {
    auto opened = open_log(disk);
    Save cut;
    cut.truncate_from = Index{5};
    History branch(all[3].id, all[3].digest);
    cut.append = branch.commands(Term{1}, 1);
    save(*opened.log, cut);
  }
  { REQUIRE(disk.open(files[2], store::Open::create).ok()); }
  disk.overwrite(files[2], 0, old);
  { REQUIRE(disk.open(kHome + "/log/next.tmp", store::Open::replace).ok()); }
  const auto opened = open_log(disk);
  CHECK(opened.log->last().index == Index{5});
  CHECK(opened.mended.size() == 1);
  CHECK(test::segment_files(disk).size() == 2);
  CHECK(!*disk.exists(kHome + "/log/next.tmp"));
}

TEST_CASE("a log that does not reach the snapshot is begun anew behind it", "[store][log]") {
  FaultyDisk disk;
  History history;
  fill(disk, history, 10);
  auto ahead = history;
  const auto later = ahead.commands(Term{1}, 30);
  const auto opened = open_log(disk, test::snapshot_at(later.back()));
  CHECK(opened.log->first() == ahead.last().index.next());
  CHECK(opened.log->last() == ahead.last());
  CHECK(opened.terms.empty());
  CHECK(opened.mended.size() == 1);
}

TEST_CASE("a log that contradicts the snapshot is begun anew behind it", "[store][log]") {
  FaultyDisk disk;
  History history;
  const auto all = fill(disk, history, 10);
  auto snapshot = test::snapshot_at(all[6]);
  snapshot.digest = core::digest({"another history"});
  const auto opened = open_log(disk, snapshot);
  CHECK(opened.log->first() == Index{8});
  CHECK(opened.log->last_digest() == snapshot.digest);
}

TEST_CASE("a snapshot that stands for what is damaged makes the log sound, and nothing behind it is lost", "[store][log]") {
  FaultyDisk disk;
  History history;
  const auto all = fill(disk, history, 60);
  REQUIRE(test::segment_files(disk).size() > 3);
  disk.flip(test::segment_files(disk)[0], kHeaderBytes + kBatch + 100, 0x01);  // of entry 3
  const auto last = all.size();
  const auto at = GENERATE_COPY(std::size_t{3}, std::size_t{4}, last / 2, last - 1, last);
  CAPTURE(at);
  const auto snapshot = test::snapshot_at(all[at - 1]);
  {
    const auto opened = open_log(disk, snapshot);
    CHECK(opened.mended.size() >= 1);
    CHECK(opened.log->first() == Index{at + 1});
    CHECK(opened.log->last() == history.last());
    CHECK(opened.log->last_digest() == history.digest());
    CHECK(opened.log->hard_state().voted_for.text == "me");
  }
  auto again = open_log(disk, snapshot);
  CHECK(again.mended.empty());
  CHECK(again.log->last_digest() == history.digest());
  save(*again.log, append_save(history.commands(Term{1}, 1)));
  CHECK(open_log(disk, snapshot).log->last() == history.last());
}

TEST_CASE("a snapshot ahead of a damaged log in term and index makes it sound", "[store][log]") {
  FaultyDisk disk;
  History history;
  fill(disk, history, 10);
  auto ahead = history;
  const auto later = ahead.commands(Term{5}, 30);
  disk.flip(test::segment_files(disk)[0], kHeaderBytes + kBatch + 100, 0x01);
  const auto opened = open_log(disk, test::snapshot_at(later.back()));
  CHECK(opened.log->last() == ahead.last());
  CHECK(opened.log->hard_state() == HardState{Term{5}, {}});
}

TEST_CASE("a snapshot that stands for less than what is damaged changes nothing", "[store][log]") {
  FaultyDisk disk;
  History history;
  const auto all = fill(disk, history, 60);
  const auto files = test::segment_files(disk);
  SECTION("damage behind it") { disk.flip(files[0], kHeaderBytes + 2 * kBatch + 100, 0x01); }
  SECTION("damage before it and behind it") {
    disk.flip(files[0], kHeaderBytes + 100, 0x01);
    disk.flip(files[2], kHeaderBytes + 100, 0x01);
  }
  SECTION("a segment behind it is missing") {
    disk.flip(files[0], kHeaderBytes + 100, 0x01);
    REQUIRE(disk.remove(files[2]).ok());
  }
  const auto before = disk.files();
  CHECK(refusal(disk, test::snapshot_at(all[2])).code == Errc::corrupt);
  CHECK(disk.files() == before);
}

TEST_CASE("a log that holds the snapshot's last entry stays as it is", "[store][log]") {
  FaultyDisk disk;
  History history;
  const auto all = fill(disk, history, 10);
  const auto at = GENERATE(0u, 7u, 19u);
  const auto opened = open_log(disk, test::snapshot_at(all[at]));
  CHECK(opened.mended.empty());
  CHECK(opened.log->first() == Index{1});
  CHECK(opened.log->last() == history.last());
}

TEST_CASE("Raft starts with the snapshot, the tail and the configuration in force before it",
          "[store][log]") {
  FaultyDisk disk;
  History history;
  const auto peers = [](const std::string& address) {
    return core::raft::Configuration{{{core::ServerId{"a"}, address, true}}};
  };
  auto opened = open_log(disk);
  save(*opened.log, test::vote_save(3, "a"));
  save(*opened.log, append_save({history.configuration(Term{1}, peers("one"))}));
  for (int i = 0; i < 100; ++i) save(*opened.log, append_save(history.commands(Term{2}, 2, 200)));
  save(*opened.log, append_save({history.configuration(Term{3}, peers("two"))}));
  for (int i = 0; i < 100; ++i) save(*opened.log, append_save(history.commands(Term{3}, 2, 200)));
  opened = open_log(disk);
  REQUIRE(opened.configurations.size() == 2);

  SECTION("with everything in memory") {
    const auto state = restored(opened, std::nullopt, Index{0}, SIZE_MAX);
    REQUIRE(state.ok());
    CHECK(state->base == EntryId{});
    CHECK(state->terms.empty());
    CHECK(state->tail.size() == 402);
    CHECK(state->configuration_index == Index{0});
    CHECK(state->hard_state.term == Term{3});
  }
  SECTION("with a short tail") {
    const auto state = restored(opened, std::nullopt, Index{400}, 20'000);
    REQUIRE(state.ok());
    CHECK(state->base.index > Index{202});
    CHECK(state->base.term == Term{3});
    CHECK(state->tail.front().id.index == state->base.index.next());
    CHECK(state->tail.back().id == history.last());
    CHECK(chain_digest(state->base_digest, state->tail.front()) == state->tail.front().digest);
    CHECK(state->configuration == peers("two"));
    CHECK(state->terms.size() == 3);
  }
  SECTION("with no tail at all") {
    const auto state = restored(opened, std::nullopt, Index{402}, 0);
    REQUIRE(state.ok());
    CHECK(state->base == history.last());
    CHECK(state->base_digest == history.digest());
    CHECK(state->tail.empty());
  }
  SECTION("with a snapshot between") {
    const auto entry = opened.log->read(Index{100}, Index{100}, 0);
    auto snapshot = test::snapshot_at(entry->front());
    snapshot.configuration = peers("one");
    snapshot.configuration_index = Index{1};
    const auto state = restored(opened, snapshot, Index{100}, SIZE_MAX);
    REQUIRE(state.ok());
    CHECK(state->base == snapshot.last);
    CHECK(state->base_digest == snapshot.digest);
    CHECK(state->configuration == peers("one"));
    CHECK(state->tail.size() == 302);
  }
}
