// SPDX-License-Identifier: MPL-2.0
#include "agent/server/server_driver.h"

#include <algorithm>
#include <utility>

namespace agent::server {
namespace {

using namespace std::chrono_literals;
using core::server::Ticket;

core::leader::GcConfig gc_config(const core::server::Config& config) {
  return {.eval_threshold = config.eval_gc_threshold, .job_threshold = config.job_gc_threshold,
          .node_threshold = config.node_gc_threshold, .interval = config.gc_interval};
}

}  // namespace

ServerDriver::ServerDriver(net::uv::Loop& loop, Options options, Restored restored, Hooks hooks, core::Logger logger)
    : loop_(loop),
      options_(std::move(options)),
      hooks_(std::move(hooks)),
      log_(logger.named("server")),
      lock_(std::move(restored.lock)),
      state_path_(restored.state_path),
      server_(options_.server, std::move(restored.raft), restored.machine->view(), core::Rng(options_.seed), logger),
      configuration_(server_.status().configuration),
      raft_times_(options_.meters),
      log_writer_(loop, std::move(restored.log),
                  {.on_saved =
                       [this](std::vector<core::raft::Envelope> then_send, core::raft::Saved saved) {
                         for (const auto& envelope : then_send) hooks_.send(envelope);
                         raft_times_.saved(saved.number, loop_.now());
                         feed(core::server::RaftInput{saved});
                       },
                   .on_failed = [this](const core::Error& error) { hooks_.on_failed(error); },
                   .on_full = [this](std::optional<core::Error> reason) { on_full(log_full_, std::move(reason)); },
                   .on_damaged = [this](const core::Error& error) { if (hooks_.on_log_damaged) hooks_.on_log_damaged(error); }},
                  logger),
      state_(loop, std::move(*restored.machine),
             {.on_applied = [this](core::server::Applied applied) { feed(std::move(applied)); },
              .on_failed =
                  [this](const core::Error& error) {
                    if (error.code == core::Errc::corrupt) state_damaged(error);
                    else hooks_.on_failed(error);
                  },
              .on_full = [this](std::optional<core::Error> reason) { on_full(state_full_, std::move(reason)); },
              .on_write =
                  [this] {
                    if (on_write_) on_write_();
                  }}),
      schedulers_(loop, options_.server.workers, gc_config(options_.server),
                  [this](core::server::Scheduled scheduled) {
                    for (const auto& result : scheduled.results)
                      if (!result.core) meters().scheduler(result.type).add(result.took);
                    feed(std::move(scheduled));
                  }),
      snapshots_(loop, std::move(restored.snapshots), state_path_),
      timer_(loop, [this] { feed(core::server::Woke{}); }),
      flush_(loop, [this] { flush_requests(); }) {
  if (hooks_.on_configuration) hooks_.on_configuration(configuration_);
  if (!options_.bootstrap.peers.empty()) feed(core::server::RaftInput{core::raft::BootstrapAsked{options_.bootstrap}});
  arm();
}

ServerDriver::~ServerDriver() = default;

void ServerDriver::submit(core::server::Command command, core::RequestId id, AnswerDone done) {
  const auto ticket = next_ticket_++;
  waiting_.emplace(ticket, Waiting{std::move(done), meters().of(command), loop_.now()});
  requests_.push_back({.ticket = ticket, .command = std::move(command), .id = id});
  flush_.schedule();
}

void ServerDriver::flush_requests() {
  feed(core::server::Requested{std::exchange(requests_, {})});
}

void ServerDriver::barrier(AnswerDone done) {
  const auto ticket = next_ticket_++;
  waiting_.emplace(ticket, Waiting{std::move(done), {}, {}});
  feed(core::server::BarrierAsked{ticket});
}

Ticket ServerDriver::watch(core::server::WatchKey key, core::Duration wait, std::function<void()> wake) {
  const auto ticket = next_ticket_++;
  watching_.emplace(ticket, std::move(wake));
  feed(core::server::WatchAsked{.ticket = ticket, .key = std::move(key), .deadline = loop_.now() + wait});
  return ticket;
}

void ServerDriver::unwatch(Ticket ticket) {
  if (watching_.erase(ticket) > 0) feed(core::server::WatchDropped{ticket});
}

void ServerDriver::state_damaged(const core::Error& error) {
  const auto aside = hooks_.set_state_aside ? hooks_.set_state_aside() : core::ok_status();
  if (aside.ok()) LOG(log_, error, "state database is damaged: it is set aside, the next start builds it anew", {"path", state_path_});
  else LOG(log_, error, "state database is damaged and cannot be set aside: remove it before the next start", {"path", state_path_}, {"error", aside.error()});
  hooks_.set_state_aside = nullptr;  // once
  hooks_.on_failed(error);
}

void ServerDriver::on_full(std::optional<core::Error>& whose, std::optional<core::Error> reason) {
  const bool was_full = log_full_ || state_full_;
  whose = std::move(reason);
  const auto& left = log_full_ ? log_full_ : state_full_;
  if (left && !was_full) LOG(log_, error, "disk is full, writes wait until it has space", {"error", *left});
  if (!left) LOG(log_, info, "disk has space again");
  feed(core::server::DiskFull{left});
  // Others may have space: leadership goes to one of them, if it will.
  if (left && !was_full && leads() && configuration_.peers.size() > 1) transfer(std::nullopt, [](const core::Status&) {});
}

// It is made of the database, which is behind what is applied: that is brought up to date first.
void ServerDriver::take_snapshot() {
  if (std::exchange(snapshot_under_way_, true)) return;
  when_stored([this](core::Status stored) {
    if (!stored.ok()) return snapshot_taken(std::move(stored).error());
    snapshots_.make([this](core::Result<core::raft::SnapshotMeta> snapshot) { snapshot_taken(std::move(snapshot)); });
  });
}

void ServerDriver::snapshot_taken(core::Result<core::raft::SnapshotMeta> snapshot) {
  snapshot_under_way_ = false;
  if (!snapshot.ok()) {
    LOG(log_, error, "snapshot failed", {"error", snapshot.error()});
    return;
  }
  LOG(log_, info, "snapshot complete", {"index", snapshot->last.index}, {"term", snapshot->last.term});
  feed(core::server::RaftInput{core::raft::SnapshotTaken{.snapshot = *snapshot, .trailing = options_.trailing_entries}});
}

core::server::ClusterStatus ServerDriver::cluster() const {
  const auto status = server_.status();
  core::server::ClusterStatus out;
  for (const auto& peer : status.configuration.peers) {
    if (peer.voter) out.peers.push_back(peer.address);
    if (status.leader == peer.id) out.leader = peer.address;
  }
  return out;
}

void ServerDriver::receive(core::raft::Received message) { feed(core::server::RaftInput{std::move(message)}); }

void ServerDriver::unreachable(const core::ServerId& peer) { feed(core::server::RaftInput{core::raft::PeerUnreachable{peer}}); }

void ServerDriver::bootstrap(core::raft::Configuration configuration) {
  feed(core::server::RaftInput{core::raft::BootstrapAsked{std::move(configuration)}});
}

void ServerDriver::change_peers(core::raft::PeerChange change, StatusDone done) {
  const auto ticket = next_ticket_++;
  operations_.emplace(ticket, std::move(done));
  feed(core::server::RaftInput{core::raft::PeerChangeAsked{.change = std::move(change), .ticket = ticket}});
}

void ServerDriver::transfer(std::optional<core::ServerId> target, StatusDone done) {
  const auto ticket = next_ticket_++;
  operations_.emplace(ticket, std::move(done));
  feed(core::server::RaftInput{core::raft::TransferAsked{.target = std::move(target), .ticket = ticket}});
}

void ServerDriver::finish(const core::raft::Outcome& operation) {
  std::uint64_t ticket = 0;
  core::Status status = core::ok_status();
  if (const auto* change = std::get_if<core::raft::PeerChangeDone>(&operation)) ticket = change->ticket, status = change->status;
  else if (const auto* transfer = std::get_if<core::raft::TransferDone>(&operation)) ticket = transfer->ticket, status = transfer->status;
  const auto it = operations_.find(ticket);
  if (it == operations_.end()) return;
  auto done = std::move(it->second);
  operations_.erase(it);
  done(std::move(status));
}

// Steps never nest: what is fed from inside a step's own effects waits its turn.
void ServerDriver::feed(core::server::Input input) {
  inputs_.push_back(std::move(input));
  if (stepping_) return;
  stepping_ = true;
  while (!inputs_.empty()) {
    auto next = std::move(inputs_.front());
    inputs_.pop_front();
    auto out = server_.step(std::move(next), loop_.now(), loop_.wall());
    carry_out(out);
  }
  stepping_ = false;
  arm();
}

void ServerDriver::arm() {
  if (const auto deadline = server_.next_deadline()) timer_.arm(*deadline);
  else timer_.disarm();
}

void ServerDriver::carry_out(core::server::Output& out) {
  for (auto& raft : out.raft) carry_out(raft);
  if (out.diverged) {
    hooks_.on_failed({core::Errc::corrupt, "this server's history is not the cluster's; remove its data directory to join anew"});
    return;
  }
  for (const auto took : out.plans_settled) meters().plan_submit.add(took);
  if (out.configuration) {
    configuration_ = std::move(*out.configuration);
    if (hooks_.on_configuration) hooks_.on_configuration(configuration_);
  }
  for (const auto& operation : out.operations) finish(operation);
  for (auto& reply : out.replies) answer(reply);
  for (const auto ticket : out.woken) {
    const auto it = watching_.find(ticket);
    if (it == watching_.end()) continue;
    auto wake = std::move(it->second);
    watching_.erase(it);
    wake();
  }
  for (auto& batch : out.schedule) schedulers_.run(std::move(batch));  // behind the answers
  if (out.take_snapshot) take_snapshot();
  tell_leadership(out.leadership);
}

void ServerDriver::tell_leadership(const std::optional<core::raft::LeadershipChanged>& changed) {
  if (changed) {
    leader_ = changed->leader;
    count_role(changed->role);
  }
  const bool led = std::exchange(led_, leads());
  if (!changed && led == led_) return;
  const bool had_leader = std::exchange(had_leader_, has_leader());
  if (had_leader_ && !had_leader && on_leader_) on_leader_();
  if (hooks_.on_leadership) hooks_.on_leadership();
}

void ServerDriver::count_role(core::raft::Role role) {
  if (std::exchange(role_, role) == role) return;
  if (role == core::raft::Role::leader) return meters().became_leader.add();
  raft_times_.forget();
  if (role == core::raft::Role::candidate) meters().became_candidate.add();
  if (role == core::raft::Role::follower) meters().became_follower.add();
}

void ServerDriver::carry_out(core::raft::Output& out) {
  for (const auto& envelope : out.send) hooks_.send(envelope);
  if (elected()) raft_times_.handed_out(out.save, loop_.now());
  if (!out.save.empty()) log_writer_.save(std::move(out.save));
  if (out.install) {
    LOG(log_, info, "installing a snapshot", {"index", out.install->last.index}, {"term", out.install->last.term});
    state_.install(snapshots_.path_of(out.install->last));
  }
  if (!out.committed.empty()) raft_times_.committed(out.committed.back().id.index, loop_.now());
  if (!out.committed.empty()) state_.apply(std::move(out.committed));
  for (const auto& read : out.reads) std::visit([this](const auto& ask) { carry_out(ask); }, read);
  if (out.store) carry_out(std::move(*out.store));
}

void ServerDriver::carry_out(const core::raft::ReadLog& ask) {
  log_writer_.read(ask, [this, to = ask.to, from = ask.from](core::Result<std::vector<core::raft::Entry>> entries) {
    feed(core::server::RaftInput{core::raft::LogRead{.to = to, .from = from, .entries = std::move(entries)}});
  });
}

void ServerDriver::carry_out(const core::raft::ReadSnapshot& ask) {
  snapshots_.read(ask, [this, ask](core::Result<core::raft::SnapshotPiece> piece) {
    feed(core::server::RaftInput{
        core::raft::SnapshotRead{.to = ask.to, .snapshot = ask.snapshot, .offset = ask.offset, .piece = std::move(piece)}});
  });
}

void ServerDriver::carry_out(core::raft::StoreSnapshot piece) {
  const auto id = piece.snapshot.last;
  snapshots_.store(std::move(piece), [this, id](core::Result<std::uint64_t> next) {
    core::raft::SnapshotStored stored{.snapshot = id, .next_offset = next.ok() ? *next : 0, .status = core::ok_status()};
    if (!next.ok()) stored.status = next.error();
    feed(core::server::RaftInput{std::move(stored)});
  });
}

void ServerDriver::answer(core::server::Reply& reply) {
  const auto it = waiting_.find(reply.ticket);
  if (it == waiting_.end()) return;
  auto waiting = std::move(it->second);
  waiting_.erase(it);
  waiting.took.add(loop_.now() - waiting.asked);
  waiting.done(std::move(reply.result));
}

}  // namespace agent::server
