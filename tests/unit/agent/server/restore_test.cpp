// SPDX-License-Identifier: MPL-2.0
#include "agent/server/restore.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

#include "core/base/limits.h"
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

// Three entries, all in the log, two of them in the state and in a snapshot.
std::vector<core::raft::Entry> make_server(store::Env& env, const std::string& home) {
  test::History history;
  const core::raft::Configuration alone{{{.id = core::ServerId{"me"}, .address = "a:1", .voter = true}}};
  std::vector<core::raft::Entry> entries;
  for (int i = 0; i < 3; ++i) entries.push_back(history.configuration(core::Term{1}, alone));
  auto server = start(env, home);
  core::raft::Save save = test::append_save(entries);
  save.hard_state = core::raft::HardState{core::Term{1}, {}};
  REQUIRE(server.log->save({&save, 1}).ok());
  REQUIRE(server.machine->apply(std::span(entries).first(2)).ok());
  take_snapshot(server);
  return entries;
}

// So that it is read beside the log. SQLite does not look behind the pages that its header counts.
void make_large(const std::string& path) { std::filesystem::resize_file(path, 100 * core::limits::kMiB); }

void overwrite(const std::string& path, std::streamoff at, const std::string& bytes) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(at).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  REQUIRE(file.good());
}

std::string only_file_of(const std::string& directory) {
  const std::filesystem::directory_iterator first(directory);
  REQUIRE(first != std::filesystem::directory_iterator());
  return first->path();
}

}  // namespace

TEST_CASE("a state database that a power cut set back behind the newest snapshot is built anew", "[agent][server]") {
  store::PosixEnv env;
  const test::TempDir home;
  const auto entries = make_server(env, home.path());
  const auto kept = GENERATE(0u, 1u, 2u, 3u);  // entries that the database has
  const bool large = GENERATE(false, true);
  CAPTURE(kept, large);
  set_state(env, home / "state.db", {entries.begin(), entries.begin() + kept});
  if (large) make_large(home / "state.db");
  const auto server = start(env, home.path());
  CHECK(server.machine->applied().index == core::Index{std::max(kept, 2u)});
  CHECK(server.raft.snapshot.last == entries[1].id);
}

TEST_CASE("what is damaged beside a large state is found as beside a small one", "[agent][server]") {
  store::PosixEnv env;
  const test::TempDir home;
  make_server(env, home.path());
  const bool large = GENERATE(false, true);
  CAPTURE(large);
  if (large) make_large(home / "state.db");
  SECTION("a snapshot is passed over") {
    overwrite(only_file_of(home / "snapshots"), 5000, "rot");
    const auto server = start(env, home.path());
    CHECK(server.machine->applied().index == core::Index{2});
    CHECK(server.raft.snapshot.last == core::raft::EntryId{});
    CHECK(server.snapshots->damaged().size() == 1);
  }
  SECTION("a log without its term and vote is refused") {
    REQUIRE(std::filesystem::remove(home / "hard_state"));
    core::Rng rng(1);
    const auto refused = restore(env, home.path(), 1 << 20, rng, {}, {.segment_bytes = 16 * 1024});
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == core::Errc::corrupt);
    CHECK_THAT(refused.error().detail, Catch::StartsWith(home / "hard_state"));
  }
  SECTION("the state itself is built anew") {
    overwrite(home / "state.db", 0, "rot");
    const auto server = start(env, home.path());
    CHECK(server.machine->applied().index == core::Index{2});
  }
}
