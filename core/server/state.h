// SPDX-License-Identifier: MPL-2.0
// Private to core/server: everything a server holds between two steps. Free functions by topic work on
// it: requests.cpp takes commands in, reactions.cpp answers Changes, scheduling.cpp hands out
// evaluations and takes plans back, leadership.cpp builds and drops the duties.
#pragma once

#include <optional>
#include <set>

#include "core/leader/blocked_evals.h"
#include "core/leader/drainer.h"
#include "core/leader/eval_broker.h"
#include "core/leader/gc.h"
#include "core/leader/heartbeats.h"
#include "core/leader/plan_check.h"
#include "core/leader/plan_queue.h"
#include "core/server/commands.h"
#include "core/server/proposals.h"
#include "core/server/reads.h"
#include "core/server/server.h"

namespace core::server {

// What only a leader does; built from state at election, dropped with leadership.
struct Duties {
  leader::EvalBroker broker;
  leader::BlockedEvals blocked;
  leader::PlanQueue plans;
  leader::PlanCheck check;
  leader::HeartbeatTracker heartbeats;
  leader::Drainer drainer;
  leader::GcSchedule gc;
  std::set<std::uint32_t> idle_workers;
  // Evaluations whose plan was cut down: to be scheduled anew once what was left of it is settled.
  struct Again {
    ScheduleTask task;
    leader::PlanCheck::Ticket after;
  };
  std::vector<Again> again;
  Instant next_batch{};  // of evaluations for workers; not before
  Instant retry_max_plans_at;       // see kRetryMaxPlans
};

struct State {
  Config config;
  Logger log;
  Rng rng;
  UuidSeries eval_ids;
  raft::Raft raft;
  std::shared_ptr<const model::StateView> view;
  Index applied;  // by the log's own numbers
  Proposals proposals;
  // When what is queued there goes to Raft: at once if somebody waits for it, else by then.
  bool proposals_urgent = false;
  std::optional<Instant> proposals_due;
  Reads reads;
  std::optional<Duties> duties;
  // Elected in this term. Duties begin when an entry of it is applied: only then is everything applied
  // that earlier leaders committed (Raft §8).
  std::optional<Term> elected;
  bool cluster_created = false;
  Index last_snapshot;
  std::optional<Error> disk_full;  // what is answered to writes meanwhile
  // A restore is on its way through the log, and nothing else until it is applied, so that nothing that was
  // decided by the old state meets the new one.
  bool restoring = false;
  Instant now;
  WallTime wall;
};

// requests.cpp
void on_requested(State& s, Requested input, Output& out);
void on_barrier(State& s, const BarrierAsked& input, Output& out);
void on_disk_full(State& s, const DiskFull& input, Output& out);
// An event of the leader's own; nobody waits for its answer. What became of evaluations may travel with the
// next write, for a moment: then a lone client that writes one thing after the other pays one sync, not two.
void propose(State& s, model::Event event, std::optional<Proposals::LeaseRef> lease = {});
// Hands what is queued to Raft.
void flush_proposals(State& s, Output& out);

// raft.cpp
void step_raft(State& s, const raft::Input& input, Output& out);

// reactions.cpp
void on_applied(State& s, Applied input, Output& out);

// scheduling.cpp
void on_scheduled(State& s, Scheduled input);
// Verified plans become proposals, as many as may be in flight.
void submit_plans(State& s);
// Plans that are part of the state now no longer count twice; refused ones go back to the broker.
void settle_plans(State& s, Output& out);
void hand_out_evals(State& s, Output& out);
// When it has something to do without an input.
std::optional<Instant> next_hand_out(const Duties& duties);

// leadership.cpp
void take_up_duties(State& s);
// The state is another one: what was derived from the old is built anew.
void renew_duties(State& s);
void drop_duties(State& s, Output& out);
// What is due by time.
void advance_duties(State& s);
std::optional<Instant> next_duty(const State& s);

}  // namespace core::server
