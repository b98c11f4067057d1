// SPDX-License-Identifier: MPL-2.0
// A leader's duties: built from state when elected, dropped when not; and what is due by time.
#include "core/server/state.h"

namespace core::server {
namespace {

// Evaluations that ran out of plan attempts are tried again this often.
constexpr Duration kRetryMaxPlans = 60s;
// A node that could not be marked down is tried again after this.
constexpr Duration kRetryExpired = 5s;
// When what failed is tried again, spread so that many failures do not come back together.
constexpr Duration kFollowUpWait = 1min, kFollowUpSpread = 5min;

leader::GcConfig gc_config(const Config& config) {
  return {.eval_threshold = config.eval_gc_threshold, .job_threshold = config.job_gc_threshold,
          .node_threshold = config.node_gc_threshold, .interval = config.gc_interval};
}

leader::HeartbeatConfig heartbeat_config(const Config& config) {
  return {.min_ttl = config.min_heartbeat_ttl, .max_per_second = config.max_heartbeats_per_second,
          .grace = config.heartbeat_grace, .failover_ttl = config.failover_heartbeat_ttl};
}

Setting setting(State& s) { return {.view = *s.view, .rng = s.rng, .eval_ids = s.eval_ids, .now = s.wall, .region = s.config.region}; }

void mark_down(State& s, const std::vector<NodeId>& late) {
  model::NodeStatusChanged event;
  auto context = setting(s);
  for (const auto& id : late) {
    const auto node = s.view->node(id);
    if (!node || node->status == model::NodeStatus::down) {
      s.duties->heartbeats.forget(id);
      continue;
    }
    LOG(s.log, warn, "node missed its heartbeat", {"node_id", id});
    event.nodes.push_back({.node = id, .status = model::NodeStatus::down, .description = "",
                           .event = "Node heartbeat missed"});
    for (auto& eval : make_node_evals(id, node->modify_index, model::trigger::kNodeUpdate, context))
      event.evals.push_back(std::move(eval));
  }
  if (!event.nodes.empty()) propose(s, std::move(event));
}

// What could not be scheduled now is tried again later: the job's state has not got any better.
model::Evaluation follow_up(const model::Evaluation& failed, State& s) {
  model::Evaluation eval;
  eval.id = EvalId{make_uuid_after(failed.id.text, s.rng)};
  eval.ns = failed.ns;
  eval.priority = failed.priority;
  eval.type = failed.type;
  eval.triggered_by = model::trigger::kFailedFollowUp;
  eval.job_id = failed.job_id;
  eval.job_modify_index = failed.job_modify_index;
  eval.wait = kFollowUpWait + s.rng.jitter(kFollowUpSpread);
  eval.previous_eval = failed.id;
  eval.create_time = eval.modify_time = s.wall;
  return eval;
}

void give_up_failed(State& s) {
  model::EvalsUpdated event;
  for (const auto& failed : s.duties->broker.take_failed(s.now)) {
    if (failed->type == model::core_job::kType) {  // never in the state; due again an interval later anyway
      s.duties->broker.remove(failed->id);
      continue;
    }
    auto eval = *failed;
    eval.status = model::EvalStatus::failed;
    eval.status_description = "evaluation reached delivery limit (" + std::to_string(leader::kDeliveries) + ")";
    auto next = follow_up(eval, s);
    eval.next_eval = next.id;
    event.evals.push_back(std::move(eval));
    event.evals.push_back(std::move(next));
  }
  if (!event.evals.empty()) propose(s, std::move(event));
}

void cancel_superseded(State& s) {
  model::EvalsUpdated event;
  for (const auto& superseded : s.duties->broker.take_superseded(s.now)) {
    auto eval = *superseded;
    eval.status = model::EvalStatus::canceled;
    eval.status_description = "canceled after more recent eval was processed";
    event.evals.push_back(std::move(eval));
  }
  if (!event.evals.empty()) propose(s, std::move(event));
}

void cancel_duplicates(State& s) {
  model::EvalsUpdated event;
  for (const auto& duplicate : s.duties->blocked.take_duplicates()) {
    auto eval = *duplicate;
    eval.status = model::EvalStatus::canceled;
    eval.status_description = "existing blocked evaluation exists for job \"" + eval.job_id.text + "\"";
    event.evals.push_back(std::move(eval));
  }
  if (!event.evals.empty()) propose(s, std::move(event));
}

void advance_drains(State& s) {
  auto step = s.duties->drainer.advance(*s.view, s.now, s.wall);
  auto context = setting(s);
  if (!step.migrate.empty()) {
    std::map<model::JobKey, model::JobPtr> jobs;
    for (const auto& [id, transition] : step.migrate)
      if (const auto alloc = s.view->alloc(id)) jobs.emplace(alloc->job_key(), alloc->job);
    model::AllocTransitionsSet event{.allocs = std::move(step.migrate), .evals = {}};
    for (const auto& [key, job] : jobs) event.evals.push_back(make_eval(*job, model::trigger::kNodeDrain, context));
    propose(s, std::move(event));
  }
  for (const auto& node : step.done) {
    LOG(s.log, info, "node drain complete", {"node_id", node});
    propose(s, model::NodeDrainChanged{.node = node, .drain = std::nullopt, .mark_eligible = false,
                                       .event = "Node drain complete", .evals = {}});
  }
}

void enqueue_collection(State& s, const std::string& kind) {
  model::Evaluation eval;
  eval.id = EvalId{make_uuid(s.rng)};
  eval.type = model::core_job::kType;
  eval.priority = model::kPriorityCore;
  eval.triggered_by = model::trigger::kScheduled;
  eval.job_id = JobId{kind};
  eval.create_index = eval.modify_index = s.view->index();
  s.duties->broker.enqueue(std::make_shared<const model::Evaluation>(std::move(eval)), s.now, s.wall);
}

void begin_duties(State& s) {
  s.duties.emplace(Duties{.broker = leader::EvalBroker(s.rng.fork()), .blocked = {}, .plans = {}, .check = {},
                          .heartbeats = leader::HeartbeatTracker(heartbeat_config(s.config), s.rng.fork()),
                          .drainer = {}, .gc = leader::GcSchedule(gc_config(s.config), s.now), .idle_workers = {},
                          .again = {}, .retry_max_plans_at = s.now + kRetryMaxPlans});
  auto& duties = *s.duties;
  for (std::uint32_t worker = 0; worker < s.config.workers; ++worker) duties.idle_workers.insert(worker);
  s.view->each_eval([&](const model::EvalPtr& eval) {
    if (eval->status == model::EvalStatus::pending) duties.broker.enqueue(eval, s.now, s.wall);
    if (eval->status == model::EvalStatus::blocked)
      if (const auto again = duties.blocked.block(eval)) duties.broker.enqueue(*again, s.now, s.wall);
  });
  s.view->each_node([&](const model::NodePtr& node) {
    if (node->status != model::NodeStatus::down) duties.heartbeats.expect(node->id, s.now);
  });
  duties.drainer.rebuild(*s.view);
}

}  // namespace

void take_up_duties(State& s) {
  LOG(s.log, info, "cluster leadership acquired", {"term", *s.elected});
  begin_duties(s);
  if (!s.cluster_created)
    propose(s, model::ClusterCreated{.cluster_id = make_uuid(s.rng), .region = s.config.region});
}

void renew_duties(State& s) {
  ASSERT(s.proposals.in_flight() == 0);  // nothing of the old duties is on its way
  s.proposals.take_settled();
  s.proposals.take_refused();
  begin_duties(s);
}

void drop_duties(State& s, Output& out) {
  s.proposals.abandon(out.replies);
  s.restoring = false;
  if (!s.duties) return;
  LOG(s.log, info, "cluster leadership lost");
  s.duties.reset();
  for (const auto ticket : s.reads.take_all()) out.woken.push_back(ticket);
}

void advance_duties(State& s) {
  if (!s.duties) return;
  auto& duties = *s.duties;
  duties.broker.advance(s.now);
  if (const auto late = duties.heartbeats.take_expired(s.now, kRetryExpired); !late.empty()) mark_down(s, late);
  if (s.now >= duties.retry_max_plans_at) {
    duties.retry_max_plans_at = s.now + kRetryMaxPlans;
    for (auto& eval : duties.blocked.unblock_max_plans()) duties.broker.enqueue(std::move(eval), s.now, s.wall);
  }
  for (const auto& kind : duties.gc.take_due(s.now)) enqueue_collection(s, kind);
  give_up_failed(s);
  cancel_superseded(s);
  cancel_duplicates(s);
  advance_drains(s);
}

std::optional<Instant> next_duty(const State& s) {
  if (!s.duties) return std::nullopt;
  const auto& duties = *s.duties;
  auto next = earlier(duties.broker.next_deadline(), duties.heartbeats.next_deadline());
  next = earlier(next, next_hand_out(duties));
  next = earlier(next, earlier(duties.drainer.next_deadline(), duties.gc.next_deadline()));
  return earlier(next, duties.blocked.size() > 0 ? std::optional(duties.retry_max_plans_at) : std::nullopt);
}

}  // namespace core::server
