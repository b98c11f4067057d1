// SPDX-License-Identifier: MPL-2.0
#include "agent/server/server_driver.h"

#include <algorithm>
#include <utility>

namespace agent::server {
namespace {

using namespace std::chrono_literals;
using core::server::Ticket;

// How often commands that found no leader are asked again.
constexpr core::Duration kHeldRetry = 50ms;
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
      log_writer_(loop, std::move(restored.log),
                  {.on_saved =
                       [this](std::vector<core::raft::Envelope> then_send, core::raft::Saved saved) {
                         for (const auto& envelope : then_send) hooks_.send(envelope);
                         feed(core::server::RaftInput{saved});
                       },
                   .on_failed = [this](const core::Error& error) { hooks_.on_failed(error); }},
                  logger),
      state_(loop, std::move(*restored.machine),
             {.on_applied = [this](core::server::Applied applied) { feed(std::move(applied)); },
              .on_failed = [this](const core::Error& error) { hooks_.on_failed(error); }}),
      schedulers_(loop, options_.server.workers, gc_config(options_.server),
                  [this](core::server::Scheduled scheduled) { feed(std::move(scheduled)); }),
      snapshots_(loop, std::move(restored.snapshots), state_path_),
      timer_(loop, [this] { feed(core::server::Woke{}); }),
      held_timer_(loop, [this] { retry_held(); }),
      flush_(loop, [this] { flush_requests(); }) {
  if (!options_.bootstrap.peers.empty()) feed(core::server::RaftInput{core::raft::BootstrapAsked{options_.bootstrap}});
  arm();
}

ServerDriver::~ServerDriver() = default;

void ServerDriver::submit(core::server::Command command, core::raft::RequestId id, AnswerDone done) {
  const auto ticket = next_ticket_++;
  waiting_.emplace(ticket, std::move(done));
  requests_.push_back({.ticket = ticket, .command = std::move(command), .id = id});
  flush_.schedule();
}

void ServerDriver::flush_requests() {
  auto requests = std::exchange(requests_, {});
  // Without a leader nothing is taken in: what is kept here is asked again as it is.
  if (!server_.leads()) {
    for (auto& request : requests) {
      const auto ticket = request.ticket;
      submitted_.emplace(ticket, Held{std::move(request), loop_.now() + options_.hold});
      held_.push_back(ticket);
    }
    if (!held_timer_.armed()) held_timer_.arm(loop_.now() + kHeldRetry);
    return;
  }
  feed(core::server::Requested{std::move(requests)});
}

void ServerDriver::retry_held() {
  if (server_.leads()) {
    core::server::Requested again;
    for (const auto ticket : std::exchange(held_, {})) {
      const auto it = submitted_.find(ticket);
      again.requests.push_back(std::move(it->second.request));
      submitted_.erase(it);
    }
    if (!again.requests.empty()) feed(std::move(again));
    return;
  }
  while (!held_.empty() && submitted_.at(held_.front()).until <= loop_.now()) {
    const auto ticket = held_.front();
    held_.pop_front();
    submitted_.erase(ticket);
    core::server::Reply reply{ticket, core::Error{core::Errc::no_leader, "No cluster leader"}};
    answer(reply);
  }
  if (!held_.empty()) held_timer_.arm(loop_.now() + kHeldRetry);
}

void ServerDriver::barrier(AnswerDone done) {
  const auto ticket = next_ticket_++;
  waiting_.emplace(ticket, std::move(done));
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

void ServerDriver::take_snapshot() {
  snapshots_.make([this](core::Result<core::raft::SnapshotMeta> snapshot) {
    if (!snapshot.ok()) {
      LOG(log_, error, "snapshot failed", {"error", snapshot.error()});
      return;
    }
    LOG(log_, info, "snapshot complete", {"index", snapshot->last.index}, {"term", snapshot->last.term});
    feed(core::server::RaftInput{core::raft::SnapshotTaken{.snapshot = *snapshot, .trailing = options_.trailing_entries}});
  });
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
  for (auto& batch : out.schedule) schedulers_.run(std::move(batch));
  for (auto& reply : out.replies) answer(reply);
  for (const auto ticket : out.woken) {
    const auto it = watching_.find(ticket);
    if (it == watching_.end()) continue;
    auto wake = std::move(it->second);
    watching_.erase(it);
    wake();
  }
  if (out.take_snapshot) take_snapshot();
  if (out.leadership && hooks_.on_leadership) hooks_.on_leadership(server_.leads());
  if (!held_.empty() && server_.leads()) held_timer_.arm(loop_.now());
  const bool led_before = std::exchange(led_, server_.leads());
  if (led_ && !led_before && on_leading_) on_leading_();
}

void ServerDriver::carry_out(core::raft::Output& out) {
  for (const auto& envelope : out.send) hooks_.send(envelope);
  if (!out.save.empty()) log_writer_.save(std::move(out.save));
  if (!out.committed.empty()) state_.apply(std::move(out.committed));
  for (auto& read : out.reads)
    if (auto* ask = std::get_if<core::raft::ReadLog>(&read))
      log_writer_.read(*ask, [this, to = ask->to, from = ask->from](core::Result<std::vector<core::raft::Entry>> entries) {
        feed(core::server::RaftInput{core::raft::LogRead{.to = to, .from = from, .entries = std::move(entries)}});
      });
}

void ServerDriver::answer(core::server::Reply& reply) {
  const auto it = waiting_.find(reply.ticket);
  if (it == waiting_.end()) return;
  auto done = std::move(it->second);
  waiting_.erase(it);
  done(std::move(reply.result));
}

}  // namespace agent::server
