// SPDX-License-Identifier: MPL-2.0
#include "core/server/server.h"

#include "core/server/state.h"

namespace core::server {
namespace {

// Looks ahead instead of drawing.
std::uint32_t begin_of_ids(Rng rng) { return static_cast<std::uint32_t>(rng.next()); }

}  // namespace

Server::Server(Config config, raft::Restored restored, std::shared_ptr<const model::StateView> view, Rng rng,
               Logger logger) {
  const auto snapshot = restored.snapshot.last.index;
  const auto applied = restored.applied;
  const bool created = config.cluster_created;
  auto raft_rng = rng.fork();
  raft::Raft raft(config.raft, std::move(restored), raft_rng, logger.named("raft"));
  state_.reset(new State{.config = std::move(config), .log = logger.named("server"), .rng = rng, .eval_ids = UuidSeries(begin_of_ids(rng)),
                         .raft = std::move(raft), .view = std::move(view), .applied = applied, .proposals = {},
                         .proposals_urgent = false, .proposals_due = std::nullopt, .reads = {},
                         .duties = std::nullopt, .elected = std::nullopt, .cluster_created = created,
                         .last_snapshot = snapshot, .disk_full = std::nullopt, .restoring = false, .now = {}, .wall = {}});
}

Server::~Server() = default;

Output Server::step(Input input, Instant now, WallTime wall) {
  auto& s = *state_;
  s.now = now;
  s.wall = wall;
  Output out;
  struct Dispatch {
    State& s;
    Output& out;
    void operator()(Requested& in) const { on_requested(s, std::move(in), out); }
    void operator()(BarrierAsked& in) const { on_barrier(s, in, out); }
    void operator()(WatchAsked& in) const { s.reads.watch(in.ticket, std::move(in.key), in.deadline); }
    void operator()(WatchDropped& in) const { s.reads.drop(in.ticket); }
    void operator()(RaftInput& in) const { step_raft(s, in.input, out); }
    void operator()(Applied& in) const { on_applied(s, std::move(in), out); }
    void operator()(Scheduled& in) const { on_scheduled(s, std::move(in)); }
    void operator()(Woke&) const {}
    void operator()(DiskFull& in) const { on_disk_full(s, in, out); }
  };
  std::visit(Dispatch{s, out}, input);
  if (const auto deadline = s.raft.next_deadline(); deadline && *deadline <= now) step_raft(s, raft::Woke{}, out);
  for (const auto ticket : s.reads.take_expired(now)) out.woken.push_back(ticket);
  if (!s.restoring) {
    advance_duties(s);
    submit_plans(s);
  }
  flush_proposals(s, out);
  if (s.restoring && s.proposals.in_flight() == 0) s.restoring = false;
  if (!s.restoring) hand_out_evals(s, out);
  return out;
}

std::optional<Instant> Server::next_deadline() const {
  const auto waiting = earlier(state_->reads.next_deadline(), state_->proposals_due);
  const auto next = earlier(state_->raft.next_deadline(), waiting);
  return state_->restoring ? next : earlier(next, next_duty(*state_));
}

raft::StatusReport Server::status() const { return state_->raft.status(); }
bool Server::leads() const { return state_->duties.has_value(); }
Index Server::applied() const { return state_->applied; }
const std::shared_ptr<const model::StateView>& Server::view() const { return state_->view; }

Server::DutyCounts Server::counts() const {
  DutyCounts counts{.proposals = state_->proposals.in_flight(), .watches = state_->reads.watching()};
  if (const auto& duties = state_->duties) {
    counts.evals_ready = duties->broker.ready();
    counts.evals_unacked = duties->broker.leased();
    counts.evals_waiting = duties->broker.waiting();
    counts.evals_held_back = duties->broker.held_back();
    counts.evals_blocked = duties->blocked.size();
    counts.plans_queued = duties->plans.size();
    counts.heartbeats = duties->heartbeats.size();
  }
  return counts;
}

}  // namespace core::server
