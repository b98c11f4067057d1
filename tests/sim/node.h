// SPDX-License-Identifier: MPL-2.0
// One server on its disk. Does with events what agent/server does with libuv: saves, applies, schedules
// and makes snapshots, each of which takes its time, and a crash loses whatever was under way. All its
// files are on one faulty disk, SQLite's too.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/server/mender.h"
#include "agent/server/restore.h"
#include "core/server/server.h"
#include "tests/sim/ledger.h"
#include "tests/sim/options.h"
#include "tests/sim/sqlite_mount.h"
#include "tests/sim/world.h"
#include "tests/support/faulty_disk.h"

namespace sim {

// Small enough that a restart reads most of the log from disk.
inline constexpr std::size_t kTailBytes = 64 * 1024;

class Node {
 public:
  using Send = std::function<void(const core::ServerId& from, const core::raft::Envelope& envelope)>;
  using AnswerDone = std::function<void(core::Result<core::server::Answer>)>;

  Node(World& world, Ledger& ledger, std::string name, const Options& options, Send send);
  ~Node();

  // Recovers from the disk. An error is a refusal to start; the power may also go meanwhile. A server
  // whose log has rotted is mending() then.
  core::Status start();
  // A byte of a committed entry in its log turns over, if there is one that would be missed, or one of a
  // snapshot, or of its state database: of the first ones, or in a row, and the next start must notice that.
  // REQUIRES: it is down.
  void rot();
  // All entries up to here were durable on this server once, and no power cut takes them.
  core::Index committed_up_to() const { return committed_up_to_; }
  bool rotten() const { return rotten_; }
  // It is up, but only to get back from others what it lost.
  bool mending() const { return mender_ != nullptr && !dying_; }
  // Asks each of the others once; true: the start may be tried again.
  bool mend(const std::vector<std::unique_ptr<Node>>& others);
  // It ends, so that it can start.
  void leave_mending();
  // The first configuration, for a server that holds nothing yet; asked again at each start until then.
  void bootstrap(const core::raft::Configuration& cluster);
  // The power goes now, or at the disk's n-th change from now, be it while the server starts.
  void cut_power(test::Crash how);
  void cut_power_at(std::uint64_t change, test::Crash how);
  // The power goes just before the next term or vote of this server is durable.
  void cut_power_at_vote(test::Crash how) { vote_cut_ = how; }
  // The disk's next call of the kind, or the n-th after it, fails once.
  void fail_disk(test::FaultyDisk::Operation::Kind kind, std::uint64_t skipped);
  // A call failed since the server was last started: what it then says of its files may be wrong.
  bool disk_failed() const { return disk_failed_; }
  void set_full(bool full);
  void set_clock(core::Duration ahead) { clock_ahead_ = ahead; }
  // Called before each change on disk.
  using OnChange = std::function<void(const test::FaultyDisk::Operation&)>;
  void on_change(OnChange watcher) { watcher_ = std::move(watcher); }
  // The process stands still, as if stopped by a signal; what reaches it meanwhile is there when it goes on.
  // Nobody says which of its sockets it looks at first, and whether before its timers.
  void pause() { paused_ = paused_ || alive(); }
  void resume();
  // No faults are to come any more.
  void calm();

  bool alive() const { return server_ != nullptr && !dying_; }
  // It runs, or is about to find out that it does not.
  bool server_up() const { return server_ != nullptr || mender_ != nullptr || dying_; }
  // Set once it was started.
  const core::ServerId& id() const { return id_; }
  // Also that of the directory, on a disk of its own, where it keeps its files.
  const std::string& name() const { return name_; }

  // Dropped without an answer if the server is down or goes down.
  void submit(core::server::Command command, core::RequestId id, AnswerDone done);
  void receive(const core::raft::Received& message);
  // Asks for a state that is current; answered once this server has it. Dropped like a submission.
  void read(AnswerDone done);
  // What an operator asks of Raft: changes of the servers, another leader.
  void operate(core::raft::Input input);
  const core::server::Server& server() const { return *server_; }
  store::state::StateMachine& machine() { return *machine_; }
  const test::FaultyDisk& disk() const { return disk_; }
  // Grows with every start and end.
  std::uint64_t life() const { return life_; }

 private:
  // Of its files under this directory that end so one, drawn at random; empty if there is none.
  std::string any_file(const std::string& directory, std::string_view ending);
  bool rot_snapshot();
  bool rot_state();
  bool rot_row(const std::string& path, core::Rng& rng);
  // What its state database says, as a start would find it; nothing if it cannot be read.
  struct StoredState {
    core::raft::EntryId applied;
    core::Digest digest;
    std::vector<std::uint64_t> pages;  // where rows begin in the file
  };
  std::optional<StoredState> stored_state() const;
  // Fails the history if the server has just started with a row that rotted.
  void check_rows();
  core::Result<core::raft::Message> lend(const agent::server::LossQuestion& question);
  bool mend(Node& other);
  std::optional<core::Error> on_disk_call(const test::FaultyDisk::Operation& operation);
  std::optional<test::Crash> power_goes(const test::FaultyDisk::Operation& operation) const;
  void die();
  // The process ends, as an agent's does when its disk fails.
  void give_up(const core::Error& error);

  void feed(core::server::Input input);
  void carry_out(core::server::Output& out);
  void carry_out(core::raft::Output& out);
  void carry_out(const core::raft::DiskRead& read);
  void begin_save();
  void end_save(core::Status saved);
  void tidy();
  void begin_apply();
  void begin_commit();
  core::Result<core::server::Applied> apply();
  core::Result<core::server::Applied> install(const core::raft::SnapshotMeta& snapshot);
  void take_snapshot();
  void wake();
  core::Instant clock() const;
  // `source`: what comes from the same one keeps its order.
  void when_awake(std::function<void()> event, const std::string& source = {});
  // Runs `event` after a delay, unless the server has died meanwhile.
  void later(core::Duration limit, std::function<void()> event);

  World& world_;
  Ledger& ledger_;
  std::string name_;
  Options options_;
  Send send_;
  core::Rng rng_;
  test::FaultyDisk disk_;
  core::ServerId id_;
  std::uint64_t life_ = 0;

  // Faults.
  struct PowerCut {
    std::uint64_t at_change;
    test::Crash how;
  };
  struct DiskFault {
    test::FaultyDisk::Operation::Kind kind;
    std::uint64_t skipped;
  };
  std::optional<PowerCut> power_cut_;
  std::optional<test::Crash> vote_cut_;
  std::optional<DiskFault> disk_fault_;
  bool disk_failed_ = false;
  bool dying_ = false;
  core::Duration clock_ahead_{};
  std::int64_t drift_per_mille_ = 0;
  bool paused_ = false;
  std::map<std::string, std::vector<std::function<void()>>> held_;  // by source, until it goes on
  OnChange watcher_;
  bool rotten_ = false;
  std::optional<StoredState> before_rot_;  // a row rotted since, and no start has succeeded yet
  core::Index committed_up_to_;  // that this server ever heard of

  // Memory: gone with the process.
  std::unique_ptr<SqliteMount> mount_;
  std::unique_ptr<agent::server::Mender> mender_;
  std::unique_ptr<store::Lock> lock_;
  std::unique_ptr<store::log::RaftLog> log_;
  std::unique_ptr<store::snapshot::Snapshots> snapshots_;
  std::unique_ptr<store::state::StateMachine> machine_;
  std::unique_ptr<core::server::Server> server_;
  bool fresh_ = false;
  std::vector<core::raft::Save> saves_, saving_;
  std::optional<core::Index> drop_before_;
  bool busy_saving_ = false;
  std::optional<core::raft::SnapshotMeta> install_;
  std::vector<core::raft::Entry> committed_;
  bool applying_ = false, committing_ = false;
  core::server::Ticket next_ticket_ = 1;
  std::map<core::server::Ticket, AnswerDone> waiting_;
  std::optional<core::Instant> woken_at_;
};

}  // namespace sim
