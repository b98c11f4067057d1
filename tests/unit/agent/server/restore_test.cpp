// SPDX-License-Identifier: MPL-2.0
#include "agent/server/restore.h"

#include <catch2/catch.hpp>

#include "store/env_posix.h"
#include "store/state/image.h"
#include "store/state/reader.h"
#include "tests/support/history.h"
#include "tests/support/temp_dir.h"

using namespace agent::server;

namespace {

Restored start(store::Env& env, const std::string& home) {
  core::Rng rng(1);
  auto restored = restore(env, home, 1 << 20, rng, {}, {.segment_bytes = 16 * 1024});
  if (!restored.ok()) FAIL(restored.error().detail);
  return std::move(restored).value();
}

void take_snapshot(Restored& server) {
  const auto made = server.snapshots->create([&server](const std::string& path, const auto& between) -> core::Result<core::raft::SnapshotMeta> {
    TRY(auto reader, store::state::open_reader(server.state_path));
    return store::state::write_image(reader, path, between);
  });
  if (!made.ok()) FAIL(made.error().detail);
}

void set_state(store::Env& env, const std::string& path, std::vector<core::raft::Entry> entries) {
  REQUIRE(store::state::discard(env, path).ok());
  auto machine = store::state::StateMachine::open(path);
  REQUIRE(machine.ok());
  REQUIRE(machine->apply(entries).ok());
}

}  // namespace

TEST_CASE("a state database that a power cut set back behind the newest snapshot is built anew", "[agent][server]") {
  store::PosixEnv env;
  const test::TempDir home;
  test::History history;
  const core::raft::Configuration alone{{{.id = core::ServerId{"me"}, .address = "a:1", .voter = true}}};
  const std::vector entries{history.configuration(core::Term{1}, alone), history.configuration(core::Term{1}, alone),
                            history.configuration(core::Term{1}, alone)};
  {
    auto server = start(env, home.path());
    core::raft::Save save = test::append_save(entries);
    save.hard_state = core::raft::HardState{core::Term{1}, {}};
    REQUIRE(server.log->save({&save, 1}).ok());
    REQUIRE(server.machine->apply(std::span(entries).first(2)).ok());
    take_snapshot(server);
  }
  const auto kept = GENERATE(0u, 1u, 2u, 3u);  // entries that the database has
  CAPTURE(kept);
  set_state(env, home / "state.db", {entries.begin(), entries.begin() + kept});
  const auto server = start(env, home.path());
  CHECK(server.machine->applied().index == core::Index{std::max(kept, 2u)});
  CHECK(server.raft.snapshot.last == entries[1].id);
}
