// SPDX-License-Identifier: MPL-2.0
#include "tests/sim/node.h"

#include <iterator>
#include <utility>

#include "core/server/worker.h"
#include "store/log/recovery.h"
#include "store/state/image.h"
#include "store/state/reader.h"

namespace sim {
namespace {

using namespace std::chrono_literals;
using core::Errc;
using core::Error;

constexpr std::size_t kSnapshotsKept = 2;
// How long to wait before looking whether a full disk has space again.
constexpr core::Duration kFullDiskRetry = 500ms;
// Where requests of users and operators come from.
constexpr const char* kClients = "clients";

core::server::Config config_for(const core::ServerId& id, const Options& options, bool created) {
  core::server::Config config;
  config.raft.self = id;
  config.raft.election_timeout = options.election + (options.servers == 1 ? 0 : 4) * options.network.delay;
  config.raft.heartbeat_interval = config.raft.election_timeout / 6;
  config.raft.news_wait = options.election / 200;
  config.raft.tail_bytes = kTailBytes;
  config.raft.snapshot_chunk_bytes = 16 * 1024;
  if (options.append_bytes != 0) config.raft.append_bytes = options.append_bytes;
  config.workers = 2;
  config.evals_per_batch = 4;
  config.min_heartbeat_ttl = 5s;
  config.heartbeat_grace = 5s;
  config.failover_heartbeat_ttl = 15s;
  config.snapshot_every = options.snapshot_every;
  config.cluster_created = created;
  config.raft.lease_reads = options.lease_reads;
  return config;
}

}  // namespace

Node::Node(World& world, Ledger& ledger, std::string name, const Options& options, Send send)
    : world_(world), ledger_(ledger), name_(std::move(name)), options_(options), send_(std::move(send)), rng_(world.rng().fork()) {
  if (options_.drift_per_mille != 0) drift_per_mille_ = rng_.between(-options_.drift_per_mille, options_.drift_per_mille);
  disk_.set_hook([this](const auto& operation) { return on_disk_call(operation); });
}

Node::~Node() {
  disk_.end_process();
  die();
}

// ---- life and death ------------------------------------------------------------------------------

core::Status Node::start() {
  ASSERT(!server_);
  ++life_;
  disk_failed_ = false;
  mount_ = std::make_unique<SqliteMount>(name_, disk_);
  auto restored = agent::server::restore(disk_, name_, kTailBytes, rng_, core::Logger{}, {.segment_bytes = options_.segment_bytes});
  if (!restored.ok()) {
    auto error = std::move(restored).error();
    if (!dying_ && rotten_ && error.code == Errc::corrupt) {
      mender_ = std::make_unique<agent::server::Mender>(disk_, name_);
      return error;
    }
    if (!dying_) disk_.end_process();
    if (!dying_) die();
    return error;
  }
  if (id_ != restored->id && !id_.empty()) world_.fail(name_ + " forgot its id");
  id_ = restored->id;
  rotten_ = false;
  fresh_ = restored->fresh;
  lock_ = std::move(restored->lock);
  log_ = std::move(restored->log);
  machine_ = std::move(restored->machine);
  snapshots_ = std::move(restored->snapshots);
  check_rows();
  world_.say(name_ + " starts at " + std::to_string(machine_->applied().index.value) + " of " + std::to_string(log_->last().index.value));
  server_ = std::make_unique<core::server::Server>(config_for(id_, options_, !machine_->cluster_id().empty()),
                                                   std::move(restored->raft), machine_->view(), rng_.fork(), core::Logger{});
  wake();
  return core::ok_status();
}

void Node::bootstrap(const core::raft::Configuration& cluster) {
  if (alive() && fresh_) feed(core::server::RaftInput{core::raft::BootstrapAsked{cluster}});
}

// The disk's part is done before: what closes its files now finds them dead.
void Node::die() {
  server_.reset();
  machine_.reset();
  snapshots_.reset();
  log_.reset();
  lock_.reset();
  mender_.reset();
  mount_.reset();
  saves_.clear();
  saving_.clear();
  drop_before_.reset();
  install_.reset();
  committed_.clear();
  waiting_.clear();
  busy_saving_ = applying_ = committing_ = dying_ = paused_ = false;
  held_.clear();
  woken_at_.reset();
  power_cut_.reset();
  vote_cut_.reset();
  disk_fault_.reset();
  ++life_;  // events planned for the old life find another
}

void Node::cut_power(test::Crash how) {
  world_.say(name_ + " loses its power");
  disk_.crash(how, rng_);
  die();
}

void Node::cut_power_at(std::uint64_t change, test::Crash how) { power_cut_ = PowerCut{disk_.operations() + change, how}; }

void Node::fail_disk(test::FaultyDisk::Operation::Kind kind, std::uint64_t skipped) { disk_fault_ = DiskFault{kind, skipped}; }

void Node::set_full(bool full) { disk_.set_capacity(full ? disk_.used() : UINT64_MAX); }

void Node::calm() {
  power_cut_.reset();
  vote_cut_.reset();
  disk_fault_.reset();
  set_full(false);
  resume();
}

void Node::resume() {
  if (!std::exchange(paused_, false)) return;
  std::vector<std::vector<std::function<void()>>> held;
  for (auto& [source, events] : std::exchange(held_, {})) held.push_back(std::move(events));
  rng_.shuffle(held);
  for (const auto& events : held)
    for (const auto& event : events)
      if (alive()) event();  // one that died has forgotten the rest already, but not these
}

void Node::when_awake(std::function<void()> event, const std::string& source) {
  if (!paused_) return event();
  held_[source].push_back([this, life = life_, event = std::move(event)] {
    if (life == life_) event();
  });
}

void Node::give_up(const Error& error) {
  if (dying_) return;
  world_.say(name_ + " ends: " + error.detail);
  if (error.code != Errc::io && error.code != Errc::no_space) return world_.fail(name_ + " ends: " + error.detail);
  dying_ = true;
  world_.after(core::Duration(1), [this, life = life_] {
    if (life != life_) return;
    disk_.end_process();
    die();
  });
}

std::optional<test::Crash> Node::power_goes(const test::FaultyDisk::Operation& operation) const {
  if (power_cut_ && operation.changes() && operation.number >= power_cut_->at_change) return power_cut_->how;
  const bool vote = operation.kind == test::FaultyDisk::Operation::Kind::sync && operation.path == name_ + "/hard_state";
  return vote ? vote_cut_ : std::nullopt;
}

std::optional<Error> Node::on_disk_call(const test::FaultyDisk::Operation& operation) {
  const Error gone{Errc::io, operation.path + ": the power is gone"};
  if (dying_) return gone;
  if (watcher_ && operation.changes()) watcher_(operation);
  if (const auto how = power_goes(operation)) {
    dying_ = true;
    world_.after(core::Duration(1), [this, life = life_, how = *how] {
      if (life == life_) cut_power(how);
    });
    return gone;
  }
  if (!disk_fault_ || operation.kind != disk_fault_->kind || disk_fault_->skipped-- > 0) return std::nullopt;
  disk_fault_.reset();
  disk_failed_ = true;
  world_.say(name_ + ": an operation fails on " + operation.path);
  return Error{Errc::io, operation.path + ": input/output error"};
}

void Node::later(core::Duration limit, std::function<void()> event) {
  world_.after(rng_.jitter(limit), [this, life = life_, event = std::move(event)] {
    if (life == life_ && alive()) when_awake(event);
  });
}

core::Instant Node::clock() const {
  const auto now = world_.now().time_since_epoch();
  return core::Instant{now * (1000 + drift_per_mille_) / 1000};
}

// ---- in ------------------------------------------------------------------------------------------

void Node::submit(core::server::Command command, core::RequestId id, AnswerDone done) {
  if (!alive()) return;
  const auto ticket = next_ticket_++;
  waiting_.emplace(ticket, std::move(done));
  core::server::Requested requested;
  requested.requests.push_back({.ticket = ticket, .command = std::move(command), .id = id});
  when_awake([this, requested = std::move(requested)] { feed(requested); }, kClients);
}

void Node::receive(const core::raft::Received& message) {
  if (alive()) when_awake([this, message] { feed(core::server::RaftInput{message}); }, message.from.text);
}

void Node::read(AnswerDone done) {
  if (!alive()) return;
  const auto ticket = next_ticket_++;
  waiting_.emplace(ticket, std::move(done));
  when_awake([this, ticket] { feed(core::server::BarrierAsked{ticket}); }, kClients);
}

void Node::operate(core::raft::Input input) {
  if (alive()) when_awake([this, input = std::move(input)] { feed(core::server::RaftInput{input}); }, kClients);
}

void Node::feed(core::server::Input input) {
  const core::WallTime wall{world_.wall().ns + clock_ahead_.count()};
  auto out = server_->step(std::move(input), clock(), wall);
  carry_out(out);
  wake();
}

void Node::wake() {
  const auto deadline = server_->next_deadline();
  if (!deadline || (woken_at_ && *woken_at_ <= *deadline && *woken_at_ > clock())) return;
  woken_at_ = std::max(*deadline, clock() + core::Duration(1));
  // Of the world's time; a clock that is slow takes longer. A little early does no harm: it is asked again.
  const auto wait = (*woken_at_ - clock()) / (1000 + drift_per_mille_) * 1000 + core::Duration(1000);
  world_.after(wait, [this, life = life_, at = *woken_at_] {
    if (life != life_ || !alive() || woken_at_ != at) return;
    woken_at_.reset();
    when_awake([this] { feed(core::server::Woke{}); });
  });
}

// ---- out -----------------------------------------------------------------------------------------

void Node::carry_out(core::server::Output& out) {
  for (auto& raft : out.raft) carry_out(raft);
  if (out.diverged) world_.fail(name_ + " diverged");
  if (out.leadership && out.leadership->role == core::raft::Role::leader) ledger_.on_leader(id_, out.leadership->term);
  if (out.leadership && !out.leadership->leader) ledger_.on_leader_lost(id_);
  for (auto& batch : out.schedule)
    later(options_.timings.schedule, [this, batch = std::make_shared<core::server::ScheduleBatch>(std::move(batch))] {
      feed(core::server::run(*batch, {}, [] { return core::Duration{}; }));
    });
  for (auto& reply : out.replies)
    if (auto waiting = waiting_.extract(reply.ticket)) waiting.mapped()(std::move(reply.result));
  if (out.take_snapshot) later(options_.timings.apply, [this] { take_snapshot(); });
}

void Node::carry_out(core::raft::Output& out) {
  for (const auto& envelope : out.send) send_(id_, envelope);
  if (!out.save.empty()) {
    saves_.push_back(std::move(out.save));
    if (!busy_saving_) begin_save();
  }
  if (out.install) install_ = std::move(out.install);
  if (!out.committed.empty()) {
    ledger_.on_committed(id_, out.committed);
    committed_up_to_ = std::max(committed_up_to_, out.committed.back().id.index);
    committed_.insert(committed_.end(), out.committed.begin(), out.committed.end());
  }
  if (!applying_ && (install_ || !committed_.empty())) begin_apply();
  for (const auto& read : out.reads) later(options_.timings.sync, [this, read] { carry_out(read); });
  if (out.store)
    later(options_.timings.sync, [this, piece = *out.store] {
      core::raft::SnapshotStored stored{.snapshot = piece.snapshot.last, .next_offset = 0, .status = core::ok_status()};
      const auto next = snapshots_->store(piece);
      if (next.ok()) stored.next_offset = *next;
      else stored.status = next.error();
      feed(core::server::RaftInput{std::move(stored)});
    });
}

void Node::carry_out(const core::raft::DiskRead& read) {
  if (const auto* log = std::get_if<core::raft::ReadLog>(&read)) {
    feed(core::server::RaftInput{core::raft::LogRead{log->to, log->from, log_->read(log->from, log->last, log->bytes_max)}});
  } else {
    const auto& piece = std::get<core::raft::ReadSnapshot>(read);
    feed(core::server::RaftInput{core::raft::SnapshotRead{
        piece.to, piece.snapshot, piece.offset, snapshots_->read(piece.snapshot, piece.offset, piece.bytes_max)}});
  }
}

// Saves that gather while one is under way share the next sync.
void Node::begin_save() {
  busy_saving_ = true;
  later(options_.timings.sync, [this] {
    std::move(saves_.begin(), saves_.end(), std::back_inserter(saving_));
    saves_.clear();
    end_save(log_->save(saving_));
  });
}

void Node::end_save(core::Status saved) {
  if (!saved.ok() && saved.error().code == Errc::no_space) {
    world_.after(kFullDiskRetry, [this, life = life_] {
      if (life == life_ && alive()) when_awake([this] { begin_save(); });
    });
    return;
  }
  if (!saved.ok()) return give_up(saved.error());
  std::uint64_t number = 0;
  const auto batch = std::exchange(saving_, {});
  for (const auto& save : batch) {
    if (save.number != 0) number = save.number;
    if (save.drop_before) drop_before_ = save.drop_before;
    for (const auto& envelope : save.then_send) send_(id_, envelope);
  }
  busy_saving_ = false;
  if (!saves_.empty()) begin_save();
  else later(options_.timings.sync, [this] { tidy(); });
  feed(core::server::RaftInput{core::raft::Saved{number}});
}

// While nobody waits for the disk: forget old segments, make the next one ready.
void Node::tidy() {
  if (busy_saving_) return;
  bool more = false;
  if (drop_before_) {
    const auto drops = log_->drop_before(*drop_before_);
    if (!drops.ok()) return;
    if (!*drops) drop_before_.reset();
    more = *drops;
  }
  const auto prepares = log_->prepare();
  if (more || (prepares.ok() && *prepares)) later(options_.timings.sync, [this] { tidy(); });
}

void Node::begin_apply() {
  applying_ = true;
  later(options_.timings.apply, [this] {
    auto applied = install_ ? install(*std::exchange(install_, std::nullopt)) : apply();
    if (!applied.ok()) return give_up(applied.error());
    applying_ = false;
    if (!committing_) begin_commit();
    if (install_ || !committed_.empty()) begin_apply();
    feed(std::move(*applied));
  });
}

core::Result<core::server::Applied> Node::apply() {
  const auto entries = std::exchange(committed_, {});
  TRY(auto batch, machine_->advance(entries));
  core::server::Applied applied{.entries = {}, .changes = std::move(batch.changes), .view = machine_->view(),
                                .applied = machine_->applied().index, .replaced = batch.replaced};
  for (auto& one : batch.applied) {
    core::server::Answer answer;
    answer.eval_create_index = one.eval_create_index;
    answer.job_modify_index = one.job_modify_index;
    answer.node_modify_index = one.node_modify_index;
    ledger_.on_applied(id_, one, applied.changes);
    applied.entries.push_back({one.id, one.index, std::move(one.outcome), std::move(answer), std::move(one.repeats)});
  }
  return applied;
}

// The database follows the state; a crash in between leaves it behind.
void Node::begin_commit() {
  committing_ = true;
  later(options_.timings.store, [this] {
    committing_ = false;
    if (const auto committed = machine_->commit(); !committed.ok()) give_up(committed.error());
  });
}

core::Result<core::server::Applied> Node::install(const core::raft::SnapshotMeta& snapshot) {
  std::erase_if(committed_, [&](const auto& entry) { return entry.id.index <= snapshot.last.index; });
  const auto& kept = snapshots_->list();
  const auto found = std::find_if(kept.begin(), kept.end(), [&](const auto& one) { return one.meta.last == snapshot.last; });
  if (found == kept.end()) return Error{Errc::not_found, "the snapshot to install is gone"};
  TRY(machine_->install(found->path));
  world_.say(name_ + " installs a snapshot at " + std::to_string(snapshot.last.index.value));
  return core::server::Applied{.entries = {}, .changes = {}, .view = machine_->view(), .applied = machine_->applied().index};
}

void Node::take_snapshot() {
  const auto made = snapshots_->create([this](const std::string& path, const auto& between) -> core::Result<core::raft::SnapshotMeta> {
    TRY(auto reader, store::state::open_reader(name_ + "/state.db"));
    return store::state::write_image(reader, path, between);
  });
  if (!made.ok()) return world_.say(name_ + " cannot make a snapshot: " + made.error().detail);
  static_cast<void>(snapshots_->keep(kSnapshotsKept));  // what cannot be removed now goes the next time
  world_.say(name_ + " made a snapshot at " + std::to_string(made->meta.last.index.value));
  feed(core::server::RaftInput{core::raft::SnapshotTaken{.snapshot = made->meta, .trailing = options_.trailing}});
}

}  // namespace sim
