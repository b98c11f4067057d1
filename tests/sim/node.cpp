// SPDX-License-Identifier: MPL-2.0
#include "tests/sim/node.h"

#include <filesystem>
#include <utility>

#include "core/server/worker.h"
#include "store/log/recovery.h"

namespace sim {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr const char* kDirectory = "server";

core::server::Config config_for(const core::ServerId& id) {
  core::server::Config config;
  config.raft.self = id;
  config.raft.election_timeout = 300ms;
  config.raft.heartbeat_interval = 50ms;
  config.workers = 2;
  config.evals_per_batch = 4;
  config.min_heartbeat_ttl = 5s;
  config.heartbeat_grace = 5s;
  config.failover_heartbeat_ttl = 30s;
  return config;
}

void remove_state(const std::string& path) {
  for (const auto* suffix : {"", "-wal", "-shm"}) fs::remove(path + suffix);
}

}  // namespace

Node::Node(World& world, core::ServerId id, core::raft::Configuration cluster, Timings timings, Send send)
    : world_(world), id_(std::move(id)), cluster_(std::move(cluster)), timings_(timings), send_(std::move(send)) {}

Node::~Node() = default;

core::Result<store::state::StateMachine> Node::open_state(store::log::RaftLog& log) {
  const auto path = state_directory_.path() + "/state.db";
  auto machine = store::state::StateMachine::open(path);
  if (machine.ok() && machine->applied().index <= log.last().index) return machine;
  machine = core::Error{};
  remove_state(path);
  return store::state::StateMachine::open(path);
}

core::Status Node::start() {
  ASSERT(!alive());
  ++life_;
  dying_ = false;
  TRY(disk_.make_directories(kDirectory));
  TRY(auto recovered, store::log::recover(disk_, kDirectory, std::nullopt, {.segment_bytes = 256 * 1024}));
  TRY(auto machine, open_state(*recovered.log));
  TRY(auto restored, store::log::restored(recovered, std::nullopt, machine.applied().index, 1 << 20));
  const bool fresh = recovered.log->last().index.value == 0;
  log_ = std::move(recovered.log);
  machine_ = std::make_unique<store::state::StateMachine>(std::move(machine));
  auto config = config_for(id_);
  config.cluster_created = !machine_->cluster_id().empty();
  server_ = std::make_unique<core::server::Server>(config, std::move(restored), machine_->view(), world_.rng().fork(),
                                                   core::Logger{});
  if (fresh) feed(core::server::RaftInput{core::raft::BootstrapAsked{cluster_}});
  wake();
  return core::ok_status();
}

void Node::crash(test::Crash how) {
  ASSERT(alive());
  world_.note("crash " + id_.text);
  server_.reset();
  machine_.reset();
  log_.reset();
  saves_.clear();
  committed_.clear();
  waiting_.clear();
  saving_ = applying_ = committing_ = false;
  woken_at_.reset();
  ++life_;  // events planned for the old life find another
  const auto kept = world_.rng().below(3);
  const auto path = state_directory_.path() + "/state.db";
  const auto earlier = state_directory_.path() + "/earlier.db";
  // The database is derived: it may be gone, or as old as a copy taken at an earlier crash.
  if (kept == 0) remove_state(path);
  if (kept == 1 && fs::exists(earlier)) {
    remove_state(path);
    fs::copy_file(earlier, path);
  }
  if (kept == 2 && fs::exists(path) && !fs::exists(path + "-wal"))
    fs::copy_file(path, earlier, fs::copy_options::overwrite_existing);
  disk_.set_hook({});
  disk_.crash(how, world_.rng());
}

void Node::crash_at_operation(std::uint64_t n, test::Crash how) {
  const auto at = disk_.operations() + n;
  disk_.set_hook([this, at, how](const test::FaultyDisk::Operation& operation) -> std::optional<core::Error> {
    if (dying_) return core::Error{core::Errc::io, "the power is gone"};
    if (!operation.changes() || operation.number < at) return std::nullopt;
    dying_ = true;
    world_.after(core::Duration(1), [this, how, life = life_] {
      if (life == life_ && alive()) crash(how);
    });
    return core::Error{core::Errc::io, "the power is gone"};
  });
}

void Node::later(core::Duration limit, std::function<void()> event) {
  world_.after(world_.rng().jitter(limit), [this, life = life_, event = std::move(event)] {
    if (life == life_ && alive() && !dying_) event();
  });
}

void Node::submit(core::server::Command command, AnswerDone done) {
  if (!alive()) return;
  const auto ticket = next_ticket_++;
  waiting_.emplace(ticket, std::move(done));
  core::server::Requested requested;
  requested.requests.push_back({.ticket = ticket, .command = std::move(command), .id = {}});
  feed(std::move(requested));
}

void Node::receive(const core::ServerId& from, const core::raft::Message& message) {
  if (alive() && !dying_) feed(core::server::RaftInput{core::raft::Received{from, message}});
}

core::Result<std::vector<core::raft::Entry>> Node::history() {
  std::vector<core::raft::Entry> all;
  const auto last = machine_->applied().index;
  while (all.size() < last.value) {
    const core::Index from{all.empty() ? 1 : all.back().id.index.value + 1};
    TRY(auto more, log_->read(from, last, 1 << 20));
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

void Node::feed(core::server::Input input) {
  auto out = server_->step(std::move(input), world_.now(), world_.wall());
  carry_out(out);
  wake();
}

void Node::wake() {
  const auto deadline = server_->next_deadline();
  if (!deadline || (woken_at_ && *woken_at_ <= *deadline && *woken_at_ > world_.now())) return;
  woken_at_ = std::max(*deadline, world_.now() + core::Duration(1));
  world_.after(*woken_at_ - world_.now(), [this, life = life_, at = *woken_at_] {
    if (life != life_ || !alive() || dying_ || woken_at_ != at) return;
    woken_at_.reset();
    feed(core::server::Woke{});
  });
}

void Node::carry_out(core::server::Output& out) {
  for (auto& raft : out.raft) carry_out(raft);
  if (out.diverged) world_.fail(id_.text + " diverged");
  for (auto& batch : out.schedule)
    later(timings_.schedule, [this, batch = std::make_shared<core::server::ScheduleBatch>(std::move(batch))] {
      feed(core::server::run(*batch, {}));
    });
  for (auto& reply : out.replies)
    if (auto waiting = waiting_.extract(reply.ticket)) waiting.mapped()(std::move(reply.result));
}

void Node::carry_out(core::raft::Output& out) {
  for (const auto& envelope : out.send) send_(id_, envelope);
  if (!out.save.empty()) {
    saves_.push_back(std::move(out.save));
    if (!saving_) begin_save();
  }
  if (!out.committed.empty()) {
    committed_.insert(committed_.end(), out.committed.begin(), out.committed.end());
    if (!applying_) begin_apply();
  }
  for (auto& read : out.reads)
    if (auto* ask = std::get_if<core::raft::ReadLog>(&read))
      later(timings_.sync, [this, ask = *ask] {
        feed(core::server::RaftInput{core::raft::LogRead{ask.to, ask.from, log_->read(ask.from, ask.last, ask.bytes_max)}});
      });
}

// Saves that gather while one is under way share the next sync.
void Node::begin_save() {
  saving_ = true;
  later(timings_.sync, [this] {
    const auto batch = std::exchange(saves_, {});
    const auto saved = log_->save(batch);
    if (!saved.ok()) {
      if (!dying_) world_.fail(id_.text + ": " + saved.error().detail);
      return;
    }
    saving_ = false;
    std::uint64_t number = 0;
    for (const auto& save : batch) {
      if (save.number != 0) number = save.number;
      for (const auto& envelope : save.then_send) send_(id_, envelope);
    }
    if (!saves_.empty()) begin_save();
    feed(core::server::RaftInput{core::raft::Saved{number}});
  });
}

void Node::begin_apply() {
  applying_ = true;
  later(timings_.apply, [this] {
    const auto entries = std::exchange(committed_, {});
    auto batch = machine_->advance(entries);
    if (!batch.ok()) return world_.fail(id_.text + ": apply: " + batch.error().detail);
    applying_ = false;
    if (!committing_) begin_commit();
    core::server::Applied applied{.entries = {}, .changes = std::move(batch->changes), .view = machine_->view()};
    for (auto& one : batch->applied) {
      core::server::Answer answer;
      answer.eval_create_index = one.eval_create_index;
      answer.job_modify_index = one.job_modify_index;
      answer.node_modify_index = one.node_modify_index;
      applied.entries.push_back({one.id, std::move(one.outcome), std::move(answer)});
    }
    if (!committed_.empty()) begin_apply();
    feed(std::move(applied));
  });
}

// The database follows the state; a crash in between leaves it behind.
void Node::begin_commit() {
  committing_ = true;
  later(timings_.apply * 4, [this] {
    committing_ = false;
    if (const auto committed = machine_->commit(); !committed.ok()) world_.fail(id_.text + ": commit: " + committed.error().detail);
  });
}

}  // namespace sim
