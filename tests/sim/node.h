// SPDX-License-Identifier: MPL-2.0
// One server on its disk. Does with events what agent/server does with libuv: saves, applies and
// schedules take their time, and a crash loses whatever was under way and not synced.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/server/server.h"
#include "store/log/raft_log.h"
#include "store/state/state_machine.h"
#include "tests/sim/world.h"
#include "tests/support/faulty_disk.h"
#include "tests/support/temp_dir.h"

namespace sim {

struct Timings {  // each drawn uniformly from [0, this)
  core::Duration sync = std::chrono::milliseconds(2);
  core::Duration apply = std::chrono::milliseconds(1);
  core::Duration schedule = std::chrono::milliseconds(3);
};

class Node {
 public:
  using Send = std::function<void(const core::ServerId& from, const core::raft::Envelope& envelope)>;
  using AnswerDone = std::function<void(core::Result<core::server::Answer>)>;

  Node(World& world, core::ServerId id, core::raft::Configuration cluster, Timings timings, Send send);
  ~Node();

  // Recovers from the disk. An error is a refusal to start.
  core::Status start();
  // Loses all memory, and what `how` takes of the disk; the state database falls back to where it was
  // at some earlier start, is lost, or stays as it is.
  void crash(test::Crash how);
  // The power goes at the disk's n-th change from now.
  void crash_at_operation(std::uint64_t n, test::Crash how);
  bool alive() const { return server_ != nullptr; }
  const core::ServerId& id() const { return id_; }

  // Dropped without an answer if the server is down or goes down.
  void submit(core::server::Command command, AnswerDone done);
  void receive(const core::ServerId& from, const core::raft::Message& message);
  core::server::Server& server() { return *server_; }
  store::state::StateMachine& machine() { return *machine_; }
  test::FaultyDisk& disk() { return disk_; }
  // All committed entries, read back from the log.
  core::Result<std::vector<core::raft::Entry>> history();
  std::uint64_t starts() const { return life_; }

 private:
  void feed(core::server::Input input);
  void carry_out(core::server::Output& out);
  void carry_out(core::raft::Output& out);
  void begin_save();
  void begin_apply();
  void begin_commit();
  void wake();
  // Runs `event` after a delay, unless the server has died meanwhile.
  void later(core::Duration limit, std::function<void()> event);
  core::Result<store::state::StateMachine> open_state(store::log::RaftLog& log);

  World& world_;
  core::ServerId id_;
  core::raft::Configuration cluster_;
  Timings timings_;
  Send send_;
  test::FaultyDisk disk_;
  test::TempDir state_directory_;
  std::uint64_t life_ = 0;
  bool dying_ = false;

  std::unique_ptr<store::Lock> lock_;
  std::unique_ptr<store::log::RaftLog> log_;
  std::unique_ptr<store::state::StateMachine> machine_;
  std::unique_ptr<core::server::Server> server_;
  std::vector<core::raft::Save> saves_;
  bool saving_ = false;
  std::vector<core::raft::Entry> committed_;
  bool applying_ = false;
  bool committing_ = false;
  core::server::Ticket next_ticket_ = 1;
  std::map<core::server::Ticket, AnswerDone> waiting_;
  std::optional<core::Instant> woken_at_;
};

}  // namespace sim
