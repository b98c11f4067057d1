// SPDX-License-Identifier: MPL-2.0
// Every call of the file system fails once: full disk, I/O error. And every byte is flipped once.
#include "tests/unit/store/log/log_fixture.h"

using namespace store::log;
using core::Errc;
using core::raft::Save;
using test::append_save;
using test::FaultyDisk;
using test::History;
using test::kHome;
using test::open_log;

namespace {

struct Outcome {
  EntryId acknowledged;  // the last entry of the last save that succeeded
  Digest digest;
  HardState hard_state;
  bool failed = false;
};

// Saves of all kinds until one fails; whether it then insists on having failed is checked here.
Outcome work(FaultyDisk& disk) {
  Outcome out;
  auto recovered = recover(disk, kHome, std::nullopt, test::kSmall);
  if (!recovered.ok()) {
    out.failed = true;
    return out;
  }
  auto& log = *recovered->log;
  History history(log.last(), log.last_digest());
  for (std::uint64_t round = 1; round <= 12; ++round) {
    Save save = append_save(history.commands(Term{round}, 4, 600));
    save.hard_state = HardState{Term{round}, core::ServerId{"me"}};
    if (round % 4 == 0) {
      history = History(out.acknowledged, out.digest);
      const auto kept = log.read(Index{round}, Index{round}, 0);
      if (!kept.ok()) break;
      history = History(kept->front().id, kept->front().digest);
      save.truncate_from = Index{round + 1};
      save.append = history.commands(Term{round}, 3, 600);
    }
    const auto status = log.save({&save, 1});
    if (!status.ok()) {
      out.failed = true;
      const auto again = log.save({&save, 1});
      if (again.ok() && status.error().code != Errc::no_space)
        FAIL("went on after: " << status.error().detail);
      if (!again.ok()) break;
    }
    out.acknowledged = history.last();
    out.digest = history.digest();
    out.hard_state = *save.hard_state;
    const auto prepared = log.prepare();
    out.failed = out.failed || !prepared.ok();
  }
  return out;
}

void check_kept(FaultyDisk& disk, const Outcome& outcome) {
  auto recovered = recover(disk, kHome, std::nullopt, test::kSmall);
  if (!recovered.ok()) FAIL(recovered.error().detail);
  auto& log = *recovered->log;
  if (log.hard_state().term < outcome.hard_state.term) FAIL("the term went back");
  if (outcome.acknowledged.index.value == 0) return;
  // A save that failed after the last acknowledged one may have truncated or appended.
  if (log.last() == outcome.acknowledged) {
    if (log.last_digest() != outcome.digest) FAIL("another history");
  } else if (log.hard_state().term == outcome.hard_state.term) {
    FAIL("acknowledged up to " << outcome.acknowledged.index.value << ", found " << log.last().index.value);
  }
  static_cast<void>(test::read_all(log, 1 << 20));
}

}  // namespace

TEST_CASE("whichever call fails, nothing acknowledged is lost and nothing is acknowledged after",
          "[store][log][fault]") {
  const auto code = GENERATE(Errc::io, Errc::no_space);
  core::Rng rng(3);
  std::uint64_t nth = 1;
  for (;; ++nth) {
    FaultyDisk disk;
    std::uint64_t calls = 0;
    disk.set_hook([&](const FaultyDisk::Operation& operation) -> std::optional<core::Error> {
      if (++calls != nth) return std::nullopt;
      return core::Error{code, operation.path + ": injected"};
    });
    const auto outcome = work(disk);
    if (calls < nth) break;
    CAPTURE(nth, static_cast<int>(code));
    disk.set_hook(nullptr);
    for (const auto how : test::kCrashes) {
      CAPTURE(static_cast<int>(how));
      check_kept(*disk.after_crash(how, rng), outcome);
    }
  }
  CHECK(nth > 100);
}

TEST_CASE("a save refused for lack of space works when space returns", "[store][log][fault]") {
  FaultyDisk disk;
  History history;
  auto opened = open_log(disk);
  test::save(*opened.log, test::vote_save(1, "me"));
  test::save(*opened.log, append_save(history.commands(Term{1}, 4, 1000)));
  disk.set_capacity(30'000);
  const auto large = append_save(history.commands(Term{1}, 10, 1000));
  for (int i = 0; i < 3; ++i) CHECK(opened.log->save({&large, 1}).error().code == Errc::no_space);
  CHECK(opened.log->read(Index{1}, Index{4}, SIZE_MAX)->size() == 4);
  disk.set_capacity(UINT64_MAX);
  REQUIRE(opened.log->save({&large, 1}).ok());
  CHECK(open_log(disk).log->last() == history.last());
}

TEST_CASE("a failed sync is not tried again", "[store][log][fault]") {
  FaultyDisk disk;
  History history;
  auto opened = open_log(disk);
  int syncs = 0;
  disk.set_hook([&](const FaultyDisk::Operation& operation) -> std::optional<core::Error> {
    if (operation.kind != FaultyDisk::Operation::Kind::sync) return std::nullopt;
    ++syncs;
    return core::Error{Errc::io, operation.path + ": injected"};
  });
  const auto save = append_save(history.commands(Term{1}, 1));
  CHECK(opened.log->save({&save, 1}).error().code == Errc::io);
  CHECK(opened.log->save({&save, 1}).error().code == Errc::io);
  CHECK(opened.log->save({}).error().code == Errc::io);
  CHECK(syncs == 1);
}

TEST_CASE("no flipped byte of a log is ever served or cut away in silence", "[store][log][fault]") {
  FaultyDisk disk;
  History history;
  const auto all = test::fill(disk, history, 12, 500, 3);
  REQUIRE(test::segment_files(disk).size() > 1);
  core::Rng rng(5);
  int refused = 0;
  for (const auto& path : disk.files()) {
    const auto bytes = disk.contents(path);
    // Every byte that says something, and some of the zeros.
    for (std::uint64_t offset = 0; offset < bytes.size();
         offset += bytes[offset] == '\0' ? 1 + rng.below(30) : 1) {
      core::Rng unused(1);
      const auto copy = disk.after_crash(test::Crash::kept, unused);
      copy->flip(path, offset, static_cast<std::uint8_t>(1 << rng.below(8)));
      const auto recovered = recover(*copy, kHome, std::nullopt, test::kSmall);
      if (!recovered.ok()) {
        if (recovered.error().detail.find(path + ": offset ") == std::string::npos)
          FAIL(recovered.error().detail);
        ++refused;
        continue;
      }
      auto& log = *recovered->log;
      if (log.last() != history.last() || log.last_digest() != history.digest() ||
          log.hard_state().term != Term{2})
        FAIL(path << ": byte " << offset << " was lost in silence");
    }
  }
  CHECK(refused > 10'000);
}

TEST_CASE("what a failed sync dropped is not lost once a restart has read it", "[store][log]") {
  FaultyDisk disk;
  History history;
  {
    auto recovered = open_log(disk);
    auto first = append_save(history.commands(Term{1}, 3));
    first.hard_state = HardState{Term{1}, {}};
    test::save(*recovered.log, first);
    disk.set_hook([](const FaultyDisk::Operation& operation) -> std::optional<core::Error> {
      if (operation.kind != FaultyDisk::Operation::Kind::sync) return std::nullopt;
      return core::Error{Errc::io, "cannot sync"};
    });
    const auto save = append_save(history.commands(Term{1}, 2));
    REQUIRE(!recovered.log->save({&save, 1}).ok());
  }
  // The process ends, the machine goes on: all of it can still be read.
  disk.set_hook({});
  disk.end_process();
  auto last = open_log(disk).log->last();
  CHECK(last == history.last());
  core::Rng rng(1);
  disk.crash(test::Crash::lost, rng);
  CHECK(open_log(disk).log->last() == last);
}
