// SPDX-License-Identifier: MPL-2.0
#include "store/log/raft_log.h"

#include "tests/unit/store/log/log_fixture.h"

using namespace store::log;
using core::Errc;
using core::raft::Save;
using test::append_save;
using test::FaultyDisk;
using test::History;
using test::kHome;
using test::open_log;
using test::read_all;
using test::save;
using Kind = FaultyDisk::Operation::Kind;

namespace {

Save truncate_save(Index from, std::vector<Entry> append = {}) {
  Save out;
  out.truncate_from = from;
  out.append = std::move(append);
  return out;
}

void check_same(const std::vector<Entry>& a, const std::vector<Entry>& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    REQUIRE(a[i].id == b[i].id);
    REQUIRE(a[i].digest == b[i].digest);
    REQUIRE(*a[i].payload == *b[i].payload);
  }
}

}  // namespace

TEST_CASE("a new log is empty and its first entry is 1", "[store][log]") {
  FaultyDisk disk;
  const auto opened = open_log(disk);
  CHECK(opened.log->first() == Index{1});
  CHECK(opened.log->last() == EntryId{});
  CHECK(opened.log->hard_state() == HardState{});
  CHECK(opened.mended.empty());
  CHECK(opened.log->read(Index{1}, Index{1}, 100).error().code == Errc::not_found);
}

TEST_CASE("entries are read back over many segments, before and after a restart", "[store][log]") {
  FaultyDisk disk;
  History history;
  std::vector<Entry> all;
  auto opened = open_log(disk);
  save(*opened.log, test::vote_save(3, ""));
  for (int batch = 0; batch < 60; ++batch) {
    const auto entries = history.commands(Term{1 + batch / 20u}, 1 + batch % 9, 40 + batch * 5);
    save(*opened.log, append_save(entries));
    all.insert(all.end(), entries.begin(), entries.end());
  }
  CHECK(test::segment_files(disk).size() > 4);
  check_same(read_all(*opened.log), all);
  opened = open_log(disk);
  CHECK(opened.mended.empty());
  CHECK(opened.log->last() == history.last());
  CHECK(opened.log->last_digest() == history.digest());
  check_same(read_all(*opened.log), all);
  REQUIRE(opened.terms.size() == 3);
  CHECK(opened.terms[0] == core::raft::TermRun{Term{1}, Index{1}});
  CHECK(opened.terms[2].term == Term{3});
  const auto middle = opened.log->read(Index{77}, Index{150}, SIZE_MAX);
  REQUIRE(middle.ok());
  check_same(*middle, std::vector<Entry>(all.begin() + 76, all.begin() + 150));
}

TEST_CASE("a read gives at least one entry and then what fits", "[store][log]") {
  FaultyDisk disk;
  History history;
  auto opened = open_log(disk);
  for (int i = 0; i < 30; ++i) save(*opened.log, append_save(history.commands(Term{1}, 1, 1000)));
  CHECK(opened.log->read(Index{3}, Index{30}, 0)->size() == 1);
  CHECK(opened.log->read(Index{3}, Index{30}, 2 * record_size(1000))->size() == 2);
  CHECK(opened.log->read(Index{3}, Index{30}, 20 * record_size(1000))->size() == 20);
  CHECK(opened.log->read(Index{3}, Index{4}, SIZE_MAX)->size() == 2);
  CHECK(opened.log->read(Index{29}, Index{99}, SIZE_MAX)->size() == 2);
}

TEST_CASE("a batch costs one sync, whatever it is made of", "[store][log]") {
  FaultyDisk disk;
  History history;
  auto opened = open_log(disk);
  int syncs = 0;
  int writes = 0;
  disk.set_hook([&](const FaultyDisk::Operation& operation) -> std::optional<core::Error> {
    syncs += operation.kind == Kind::sync;
    writes += operation.kind == Kind::write;
    return std::nullopt;
  });
  std::vector<Save> saves;
  for (int i = 0; i < 10; ++i) saves.push_back(append_save(history.commands(Term{1}, 3)));
  REQUIRE(opened.log->save(saves).ok());
  CHECK(syncs == 1);
  CHECK(writes == 2);  // the batch, and the seal nobody waits for
  CHECK(opened.log->last().index == Index{30});
  REQUIRE(opened.log->save({}).ok());
  CHECK(syncs == 1);
}

TEST_CASE("saves joined into one batch come to what they would one by one", "[store][log]") {
  FaultyDisk disk;
  History history;
  auto opened = open_log(disk);
  save(*opened.log, append_save(history.commands(Term{1}, 5)));
  History other(history);
  const auto replaced = append_save(history.commands(Term{1}, 4));  // 6..9
  const auto kept = other.commands(Term{2}, 2);                     // 6..7
  const auto doomed = append_save(other.commands(Term{2}, 3));      // 8..10
  History third({Term{2}, Index{7}}, kept.back().digest);
  const auto final_ = third.commands(Term{3}, 1);  // 8
  const std::vector<Save> saves{test::vote_save(1, "a"),        replaced, test::vote_save(2, "b"),
                                truncate_save(Index{6}, kept),  doomed,   test::vote_save(3, ""),
                                truncate_save(Index{8}, final_)};
  REQUIRE(opened.log->save(saves).ok());
  CHECK(opened.log->hard_state().term == Term{3});
  CHECK(opened.log->last() == EntryId{Term{3}, Index{8}});
  CHECK(opened.log->last_digest() == third.digest());
  CHECK(read_all(*opened.log).size() == 8);
  opened = open_log(disk);
  CHECK(opened.log->last_digest() == third.digest());
  CHECK(read_all(*opened.log).size() == 8);
}

TEST_CASE("what was truncated never comes back", "[store][log]") {
  FaultyDisk disk;
  History history;
  auto opened = open_log(disk);
  std::vector<Entry> all;
  for (int i = 0; i < 40; ++i) {
    const auto some = history.commands(Term{1}, 2, 400);
    all.insert(all.end(), some.begin(), some.end());
    save(*opened.log, append_save(some));
  }
  const auto at = GENERATE(1u, 2u, 17u, 40u, 79u, 80u);
  CAPTURE(at);
  if (at > 1)
    all.resize(at - 1);
  else
    all.clear();
  History branch = all.empty() ? History() : History(all.back().id, all.back().digest);
  SECTION("with nothing in its place") { save(*opened.log, truncate_save(Index{at})); }
  SECTION("with one entry in its place") {
    const auto entries = branch.commands(Term{2}, 1);
    all.push_back(entries[0]);
    save(*opened.log, truncate_save(Index{at}, entries));
  }
  SECTION("with more in its place") {
    for (int i = 0; i < 30; ++i) {
      const auto entries = branch.commands(Term{2}, 4, 300);
      all.insert(all.end(), entries.begin(), entries.end());
      save(*opened.log, i == 0 ? truncate_save(Index{at}, entries) : append_save(entries));
    }
  }
  check_same(read_all(*opened.log), all);
  save(*opened.log, test::vote_save(2, ""));
  opened = open_log(disk);
  check_same(read_all(*opened.log), all);
  CHECK(opened.log->first() == Index{1});
}

TEST_CASE("an entry larger than a segment gets one of its own", "[store][log]") {
  FaultyDisk disk;
  History history;
  auto opened = open_log(disk);
  save(*opened.log, test::vote_save(3, ""));
  SECTION("first in the log") {}
  SECTION("later") { save(*opened.log, append_save(history.commands(Term{1}, 3))); }
  save(*opened.log, append_save(history.commands(Term{1}, 1, 100'000)));
  save(*opened.log, append_save(history.commands(Term{1}, 2)));
  const auto last = history.last().index;
  CHECK(opened.log->read(last.prev().prev(), last, SIZE_MAX)->front().payload->size() == 100'000);
  opened = open_log(disk);
  CHECK(read_all(*opened.log).size() == last.value);
}

TEST_CASE("a log begun anew behind a snapshot has forgotten everything", "[store][log]") {
  FaultyDisk disk;
  History history;
  auto opened = open_log(disk);
  for (int i = 0; i < 20; ++i) save(*opened.log, append_save(history.commands(Term{1}, 3, 300)));
  History other({Term{4}, Index{100}}, core::digest({"elsewhere"}));
  core::raft::SnapshotMeta snapshot;
  snapshot.last = other.last();
  snapshot.digest = other.digest();
  Save anew;
  anew.reset_to = snapshot;
  anew.hard_state = HardState{Term{4}, {}};
  SECTION("empty") {}
  SECTION("with entries that follow") { anew.append = other.commands(Term{4}, 3); }
  save(*opened.log, anew);
  CHECK(opened.log->first() == Index{101});
  CHECK(opened.log->last() == other.last());
  CHECK(opened.log->before_first() == snapshot.last);
  CHECK(test::segment_files(disk).size() == 1);
  save(*opened.log, append_save(other.commands(Term{5}, 2)));
  save(*opened.log, test::vote_save(5, ""));
  opened = open_log(disk, snapshot);
  CHECK(opened.mended.empty());
  CHECK(opened.log->first() == Index{101});
  CHECK(opened.log->last() == other.last());
  CHECK(opened.log->digest_before_first() == snapshot.digest);
}

TEST_CASE("dropping removes whole segments of old entries and no more", "[store][log]") {
  FaultyDisk disk;
  History history;
  auto opened = open_log(disk);
  save(*opened.log, test::vote_save(3, ""));
  std::vector<Entry> all;
  for (int i = 0; i < 60; ++i) {
    const auto some = history.commands(Term{1}, 2, 400);
    all.insert(all.end(), some.begin(), some.end());
    save(*opened.log, append_save(some));
  }
  CHECK_FALSE(opened.log->drop_before(Index{1}).value());
  CHECK(opened.log->first() == Index{1});
  const auto files = test::segment_files(disk).size();
  CHECK(opened.log->drop_before(Index{50}).value());
  CHECK(test::segment_files(disk).size() == files - 1);
  test::drop_all_before(*opened.log, Index{50});
  const auto first = opened.log->first();
  CHECK(first > Index{1});
  CHECK(first <= Index{50});
  CHECK(opened.log->before_first() == all[first.value - 2].id);
  CHECK(opened.log->digest_before_first() == all[first.value - 2].digest);
  check_same(read_all(*opened.log),
             std::vector<Entry>(all.begin() + static_cast<long>(first.value) - 1, all.end()));
  CHECK(opened.log->read(first.prev(), all.back().id.index, 1).error().code == Errc::not_found);
  const auto snapshot = test::snapshot_at(all[60]);
  opened = open_log(disk, snapshot);
  CHECK(opened.log->first() == first);
  test::drop_all_before(*opened.log, Index{1000});
  CHECK(test::segment_files(disk).size() == 1);
  CHECK(opened.log->last() == history.last());
}

TEST_CASE("a prepared segment is taken without a call that allocates", "[store][log]") {
  FaultyDisk disk;
  History history;
  auto opened = open_log(disk);
  bool saving = false;
  int resized_by_save = 0, resized_by_prepare = 0;
  disk.set_hook([&](const FaultyDisk::Operation& operation) -> std::optional<core::Error> {
    if (operation.kind == Kind::resize) ++(saving ? resized_by_save : resized_by_prepare);
    return std::nullopt;
  });
  CHECK(!*opened.log->prepare());  // as long as the log is young
  CHECK(resized_by_prepare == 0);
  for (int i = 0; i < 8; ++i) {
    saving = true;
    save(*opened.log, append_save(history.commands(Term{1}, 2, 1000)));
    saving = false;
    while (*opened.log->prepare()) {}
  }
  CHECK(test::segment_files(disk).size() == 2);
  CHECK(resized_by_prepare > 0);
  CHECK(resized_by_save == 0);
}

TEST_CASE("scrubbing goes round the log and meets the damage in it", "[store][log]") {
  FaultyDisk disk;
  History history;
  auto opened = open_log(disk);
  for (int i = 0; i < 40; ++i) save(*opened.log, append_save(history.commands(Term{1}, 3, 200)));
  for (int round = 0; round < 2; ++round) {
    Index up_to{0};
    for (;;) {
      const auto step = opened.log->scrub(5000);
      REQUIRE(step.ok());
      CHECK(step->up_to > up_to);
      up_to = step->up_to;
      if (step->round_complete) break;
    }
    CHECK(up_to == history.last().index);
  }
  disk.flip(test::segment_files(disk)[1], 9000, 0x40);
  core::Status status = core::ok_status();
  for (int i = 0; i < 20 && status.ok(); ++i) {
    const auto step = opened.log->scrub(5000);
    if (!step.ok()) status = step.error();
  }
  REQUIRE(!status.ok());
  CHECK(status.error().code == Errc::corrupt);
  CHECK(status.error().detail.find(test::segment_files(disk)[1] + ": offset ") != std::string::npos);
}

TEST_CASE("a void segment whose file cannot be removed never counts again", "[store][log]") {
  FaultyDisk disk;
  History history;
  auto opened = open_log(disk);
  save(*opened.log, test::vote_save(5, ""));
  std::vector<Entry> all;
  for (int i = 0; i < 40; ++i) {
    const auto some = history.commands(Term{1}, 2, 400);
    all.insert(all.end(), some.begin(), some.end());
    save(*opened.log, append_save(some));
  }
  const auto before = test::segment_files(disk).size();
  REQUIRE(before > 2);
  disk.set_hook([](const FaultyDisk::Operation& operation) -> std::optional<core::Error> {
    if (operation.kind != Kind::remove) return std::nullopt;
    return core::Error{Errc::permission, operation.path + ": cannot be removed"};
  });
  std::optional<core::raft::SnapshotMeta> snapshot;
  History branch;
  SECTION("after a reset, when the segment that voids it is replaced") {
    branch = History({Term{5}, Index{200}}, core::digest({"elsewhere"}));
    snapshot.emplace();
    snapshot->last = branch.last();
    snapshot->digest = branch.digest();
    Save anew;
    anew.reset_to = snapshot;
    save(*opened.log, anew);
    auto replaced = branch;
    save(*opened.log, append_save(replaced.commands(Term{5}, 3)));
    save(*opened.log, truncate_save(Index{201}, branch.commands(Term{5}, 2)));
    CHECK(test::segment_files(disk).size() == before + 1);
  }
  SECTION("after a truncation, when the segment that voids it is to be dropped") {
    branch = History(all[9].id, all[9].digest);
    save(*opened.log, truncate_save(Index{11}, branch.commands(Term{2}, 1)));
    for (int i = 0; i < 100; ++i) save(*opened.log, append_save(branch.commands(Term{2}, 1, 2000)));
    const auto entry = opened.log->read(Index{100}, Index{100}, 0);
    snapshot = test::snapshot_at(entry->front());
    CHECK(opened.log->drop_before(Index{100}).error().code == Errc::permission);
    CHECK(opened.log->first() == Index{1});
    disk.set_hook(nullptr);
    test::drop_all_before(*opened.log, Index{100});
    CHECK(opened.log->first() > Index{80});
  }
  disk.set_hook(nullptr);
  opened = open_log(disk, snapshot);
  CHECK(opened.log->last() == branch.last());
  CHECK(opened.log->last_digest() == branch.digest());
}
