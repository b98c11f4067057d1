// SPDX-License-Identifier: MPL-2.0
#include "agent/server/mender.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "agent/server/restore.h"
#include "store/env_posix.h"
#include "store/state/image.h"
#include "store/state/reader.h"
#include "tests/support/history.h"
#include "tests/support/temp_dir.h"

using namespace agent::server;
using core::Errc;
using core::Index;

namespace {

constexpr std::size_t kEntries = 300;  // over some segments
constexpr std::size_t kHeader = 4096;

core::ServerId id_of(char name) { return core::ServerId{std::string("00000000-0000-0000-0000-00000000000") + name}; }

core::raft::Configuration cluster() {
  core::raft::Configuration out;
  for (const char name : {'a', 'b', 'c'}) out.put({.id = id_of(name), .address = std::string(1, name) + ":4647", .voter = true});
  return out;
}

std::vector<core::raft::Entry> history(std::size_t count = kEntries) {
  test::History history;
  std::vector<core::raft::Entry> out;
  while (out.size() < count) out.push_back(history.configuration(core::Term{1}, cluster()));
  return out;
}

core::Result<Restored> start(store::Env& env, const std::string& home) {
  core::Rng rng(1);
  return restore(env, home, 1 << 20, rng, {}, {.segment_bytes = 16 * 1024});
}

// A server's directory that holds such entries, all of them applied.
class Server {
 public:
  explicit Server(const std::vector<core::raft::Entry>& entries, char name = 'a') {
    std::ofstream(home_ / "server-id") << id_of(name).text << "\n";
    auto server = start(env_, home_.path());
    REQUIRE(server.ok());
    for (const auto& entry : entries) {
      auto save = test::append_save({entry});
      if (entry.id.index.value == 1) save.hard_state = core::raft::HardState{core::Term{1}, {}};
      REQUIRE(server->log->save({&save, 1}).ok());
    }
    REQUIRE(server->machine->apply(entries).ok());
  }

  Mender& mender() { return mender_; }
  std::string segment(std::size_t nth) const {
    std::vector<std::string> paths;
    const auto names = store::PosixEnv().list(home_ / "log");
    for (const auto& name : *names)
      if (name.ends_with(".seg")) paths.push_back(home_ / ("log/" + name));
    REQUIRE(paths.size() > nth);
    return paths[nth];
  }
  void flip(const std::string& path, std::uint64_t offset) const {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    char byte = 0;
    file.seekg(static_cast<std::streamoff>(offset)).get(byte);
    file.seekp(static_cast<std::streamoff>(offset)).put(static_cast<char>(byte ^ 0x10));
  }
  core::Result<Restored> try_start() { return start(env_, home_.path()); }
  // The digest of its last entry.
  core::Digest digest() {
    const auto server = try_start();
    if (!server.ok()) FAIL(server.error().detail);
    return server->log->last_digest();
  }
  // Makes a snapshot of all of it and forgets what came before, as far as whole segments go.
  void compact() {
    auto server = try_start();
    REQUIRE(server.ok());
    const auto made = server->snapshots->create([&](const std::string& path, const auto& between) -> core::Result<core::raft::SnapshotMeta> {
      TRY(auto reader, store::state::open_reader(server->state_path));
      return store::state::write_image(reader, path, between);
    });
    REQUIRE(made.ok());
    while (server->log->drop_before(server->log->last().index).value()) {}
  }
  void forget_state() { REQUIRE(store::state::discard(env_, home_ / "state.db").ok()); }
  const test::TempDir& home() const { return home_; }

 private:
  store::PosixEnv env_;
  test::TempDir home_;
  Mender mender_{env_, home_.path()};
};

// Asks the others in turn, as a driver does, until there is nothing to ask; false after some rounds.
bool mend(Server& server, const std::vector<Server*>& others) {
  auto& mender = server.mender();
  for (int round = 0; round < 20; ++round) {
    const auto question = mender.look();
    if (!question.ok()) FAIL(question.error().detail);
    if (!*question) return true;
    bool whole = false;
    for (std::size_t i = 0; i < others.size() && !whole; ++i) {
      for (auto took = Mender::Took::some; took == Mender::Took::some;) {
        const auto answer = others[i]->mender().answer(mender.question());
        if (!answer.ok()) break;
        const auto taken = mender.take(*answer);
        if (!taken.ok()) FAIL(taken.error().detail);
        took = *taken;
        whole = took == Mender::Took::whole;
      }
      if (!whole) mender.turn_to_next();
    }
    if (!whole) mender.nobody_had_it();
  }
  return false;
}

}  // namespace

TEST_CASE("a server's damaged entries come back from another, wherever they lie", "[agent][server][mend]") {
  const auto entries = history();
  Server damaged(entries), sound(entries);
  const auto offset = GENERATE(0u, 30u, 100u, 5000u, 9001u);
  const auto nth = GENERATE(0u, 1u);
  damaged.flip(damaged.segment(nth), kHeader + offset);
  REQUIRE(damaged.try_start().error().code == Errc::corrupt);
  REQUIRE(mend(damaged, {&sound}));
  CHECK(damaged.mender().damage().find(damaged.segment(nth) + ": offset ") == 0);
  CHECK(damaged.digest() == entries.back().digest);
}

TEST_CASE("three servers with damage in different places mend each other", "[agent][server][mend]") {
  const auto entries = history();
  Server a(entries), b(entries), c(entries);
  const auto record = store::log::record_size(entries[0].payload->size());
  // Neighbours, so that none has in one piece what another wants.
  a.flip(a.segment(0), kHeader + 10 * record + 100);
  b.flip(b.segment(0), kHeader + 11 * record + 3);
  c.flip(c.segment(0), kHeader + 12 * record + 100);
  for (auto* server : {&a, &b, &c}) REQUIRE(server->try_start().error().code == Errc::corrupt);
  REQUIRE(mend(a, {&b, &c}));
  REQUIRE(mend(b, {&a, &c}));
  REQUIRE(mend(c, {&a, &b}));
  for (auto* server : {&a, &b, &c}) CHECK(server->digest() == entries.back().digest);
}

TEST_CASE("what one server has in part another completes", "[agent][server][mend]") {
  const auto entries = history();
  Server a(entries), b(entries), c(entries);
  const auto record = store::log::record_size(entries[0].payload->size());
  for (std::uint64_t nth = 10; nth < 14; ++nth) a.flip(a.segment(0), kHeader + nth * record + 3);
  b.flip(b.segment(0), kHeader + 12 * record + 100);
  c.flip(c.segment(0), kHeader + 10 * record + 100);
  REQUIRE(mend(a, {&b, &c}));
  CHECK(a.digest() == entries.back().digest);
}

TEST_CASE("what is nowhere stays damaged, and is asked for again", "[agent][server][mend]") {
  const auto entries = history();
  Server a(entries), b(entries);
  for (auto* server : {&a, &b}) server->flip(server->segment(0), kHeader + 500);
  CHECK(!mend(a, {&b}));
  CHECK(a.try_start().error().code == Errc::corrupt);
  Server sound(entries);
  CHECK(mend(a, {&b, &sound}));
  CHECK(a.digest() == entries.back().digest);
}

TEST_CASE("entries of another history are not taken for what was lost", "[agent][server][mend]") {
  const auto entries = history();
  test::History fork(entries[9].id, entries[9].digest);
  auto others = std::vector(entries.begin(), entries.begin() + 10);
  while (others.size() < kEntries) others.push_back(fork.configuration(core::Term{1}, {}));
  Server damaged(entries), stranger(others), sound(entries);
  for (std::uint64_t at = 0; at < 2000; at += 8) damaged.flip(damaged.segment(0), kHeader + 1500 + at);
  CHECK(!mend(damaged, {&stranger}));
  CHECK(damaged.try_start().error().code == Errc::corrupt);
  REQUIRE(mend(damaged, {&stranger, &sound}));
  CHECK(damaged.digest() == entries.back().digest);
}

TEST_CASE("entries that others compacted away are made up for by their snapshot", "[agent][server][mend]") {
  const auto entries = history();
  const auto more = GENERATE(std::size_t{0}, std::size_t{40});  // entries that only the damaged server has
  Server damaged(history(kEntries + more)), sound(entries);
  sound.compact();
  damaged.flip(damaged.segment(0), kHeader + 500);
  if (GENERATE(false, true)) damaged.forget_state();
  REQUIRE(mend(damaged, {&sound}));
  const auto server = damaged.try_start();
  REQUIRE(server.ok());
  CHECK(server->log->first() == Index{kEntries + 1});
  CHECK(server->log->last_digest() == history(kEntries + more).back().digest);
  CHECK(server->raft.snapshot.last == entries.back().id);
  CHECK(server->machine->applied().index >= Index{kEntries});
}

TEST_CASE("a snapshot that does not stand for all the damage is not enough", "[agent][server][mend]") {
  Server damaged(history()), behind(history(100));
  behind.compact();
  damaged.flip(damaged.segment(2), kHeader + 500);
  CHECK(!mend(damaged, {&behind}));
  CHECK(damaged.try_start().error().code == Errc::corrupt);
}

TEST_CASE("a snapshot of a cluster that this server is not in is not taken", "[agent][server][mend]") {
  Server damaged(history(), 'd'), sound(history());
  sound.compact();
  damaged.flip(damaged.segment(0), kHeader + 500);
  CHECK(!mend(damaged, {&sound}));
  CHECK(damaged.try_start().error().code == Errc::corrupt);
}

TEST_CASE("a damaged snapshot is fetched where the log alone is not enough", "[agent][server][mend]") {
  const auto entries = history();
  Server damaged(entries), sound(entries);
  for (auto* server : {&damaged, &sound}) server->compact();
  const auto snapshot = damaged.home() / "snapshots/300-1.db";
  damaged.flip(snapshot, GENERATE(100u, 5000u));
  damaged.forget_state();
  REQUIRE(damaged.try_start().error().code == Errc::corrupt);
  REQUIRE(mend(damaged, {&sound}));
  CHECK(damaged.mender().damage().find(snapshot) != std::string::npos);
  CHECK(damaged.digest() == entries.back().digest);
}

TEST_CASE("a damaged directory knows its cluster's other servers", "[agent][server][mend]") {
  Server server(history(), 'b');
  server.flip(server.segment(0), kHeader + 500);
  const auto peers = server.mender().peers();
  REQUIRE(peers.ok());
  CHECK(*peers == std::vector<std::string>{"a:4647", "c:4647"});
}
