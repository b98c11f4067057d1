// SPDX-License-Identifier: MPL-2.0
#include "agent/server/state_host.h"

#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/history.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_loop.h"

namespace {

using core::Term;
using core::server::Applied;

struct Fixture {
  test::TempDir own_directory;
  std::string path = own_directory.path();
  support::TestLoop loop;
  test::History history;
  std::vector<std::uint64_t> told;
  std::uint64_t wanted = 0;  // while the loop runs
  agent::server::StateHost host{loop.loop, open(path), {.on_applied = [this](Applied applied) { on_applied(applied); },
                                                                    .on_failed = [](const core::Error& error) { FAIL(error.detail); },
                                                                    .on_full = [](const auto&) { FAIL("the disk is not full"); },
                                                                    .on_write = [] {}}};

  Fixture() = default;
  explicit Fixture(std::string elsewhere) : path(std::move(elsewhere)) {}

  static store::state::StateMachine open(const std::string& path) {
    auto machine = store::state::StateMachine::open(path + "/state.db");
    REQUIRE(machine.ok());
    return std::move(*machine);
  }

  void apply(int entries) {
    std::vector<core::raft::Entry> some;
    for (int i = 0; i < entries; ++i) some.push_back(history.configuration(Term{1}, {}));
    host.apply(std::move(some));
  }

  void apply_large() {
    core::raft::Configuration wide;
    for (int i = 0; i < 12; ++i) wide.peers.push_back({.id = core::ServerId{std::string(static_cast<std::size_t>(i + 1), 's')}, .address = std::string(400, 'a'), .voter = true});
    host.apply({history.configuration(Term{1}, wide)});
  }

  void on_applied(const Applied& applied) {
    for (const auto& entry : applied.entries) told.push_back(entry.index.value);
    if (wanted > 0 && told.size() >= wanted) loop.stop();
  }

  void run_until_told(std::uint64_t count) {
    if (told.size() >= count) return;
    wanted = count;
    loop.run();
    wanted = 0;
  }
};

}  // namespace

TEST_CASE("what was applied is told in order, whether a thread did it or the loop", "[agent][server][state]") {
  Fixture f;
  f.apply(8);  // for the thread
  f.apply(1);  // waits for it, and is small enough for the loop
  f.run_until_told(9);
  f.apply(4);  // a few are
  f.apply(5);
  f.apply(2);
  f.apply(1);
  f.run_until_told(21);
  std::vector<std::uint64_t> expected(21);
  for (std::size_t i = 0; i < expected.size(); ++i) expected[i] = i + 1;
  CHECK(f.told == expected);
}

TEST_CASE("a few small entries are applied before the call returns, many or large ones by the thread", "[agent][server][state]") {
  Fixture f;
  f.apply(1);
  f.apply(4);
  CHECK(f.told.size() == 5);
  SECTION("many") { f.apply(5); }
  SECTION("large") { f.apply_large(); }
  CHECK(f.told.size() == 5);
  f.run_until_told(6);
  CHECK(f.told.size() > 5);
}

TEST_CASE("a reader waits until the database holds what was applied", "[agent][server][state]") {
  Fixture f;
  f.apply(GENERATE(1, 8));
  f.run_until_told(1);
  const core::Index last{f.told.back()};
  bool stored = false;
  f.host.when_stored(last, [&](const core::Status& status) {
    stored = status.ok();
    f.loop.stop();
  });
  if (!stored) f.loop.run();
  CHECK(stored);
  auto reopened = Fixture::open(f.path);
  CHECK(reopened.applied().index == last);
}

TEST_CASE("a host that ends leaves all that was applied in the database", "[agent][server][state]") {
  test::TempDir directory;
  core::Index last;
  {
    Fixture f(directory.path());
    f.apply(GENERATE(1, 8));
    f.run_until_told(1);
    const bool storing = GENERATE(true, false);
    if (storing) f.host.when_stored(core::Index{1}, [](const core::Status&) {});
    f.apply(6);
    f.run_until_told(f.told.size() + 6);
    last = {f.told.back()};
  }
  CHECK(Fixture::open(directory.path()).applied().index == last);
}

TEST_CASE("what is applied while the database is written reaches it without another write", "[agent][server][state]") {
  Fixture f;
  f.apply(1);
  f.run_until_told(1);
  f.host.when_stored(core::Index{1}, [](const core::Status&) {});
  const auto more = GENERATE(2, 6);
  f.apply(more);
  f.run_until_told(1 + static_cast<std::uint64_t>(more));
  bool stored = false;
  f.host.when_stored(core::Index{f.told.back()}, [&](const core::Status& status) {
    stored = status.ok();
    f.loop.stop();
  });
  if (!stored) f.loop.run();
  CHECK(stored);
}
