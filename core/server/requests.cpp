// SPDX-License-Identifier: MPL-2.0
// Commands and barriers on their way in.
#include "core/server/state.h"

namespace core::server {
namespace {

// Raft answers reads and proposals by ticket; ours count from 1, so the top bit tells them apart.
constexpr std::uint64_t kReadBit = std::uint64_t{1} << 63;
// How long what became of evaluations waits for company on its way to the disk.
constexpr Duration kPatience = 2ms;

// A registration or a heartbeat is a sign of life, whatever becomes of the write.
void note_life(Duties& duties, const NodeId& node, model::NodeStatus status, Answer& answer, Instant now) {
  if (status != model::NodeStatus::down) answer.heartbeat_ttl = duties.heartbeats.beat(node, now);
}
template <class Command>
void note_life(Duties& duties, const Command& command, Answer& answer, Instant now) {
  if constexpr (std::is_same_v<Command, UpdateNodeStatus>) note_life(duties, command.node, command.status, answer, now);
}

struct Take {
  State& s;
  Request& request;
  Output& out;

  void operator()(CollectGarbage&) const {
    model::Evaluation eval;
    eval.id = EvalId{make_uuid(s.rng)};
    eval.type = model::core_job::kType;
    eval.priority = model::kPriorityCore;
    eval.triggered_by = model::trigger::kScheduled;
    eval.job_id = JobId{model::core_job::kForceGc};
    eval.create_index = eval.modify_index = s.view->index();
    s.duties->broker.enqueue(std::make_shared<const model::Evaluation>(std::move(eval)), s.now, s.wall);
    out.replies.push_back({request.ticket, Answer{}});
  }

  template <class Command>
  void operator()(Command& command) const {
    // Before anything is checked: what it did may stand in its own way now.
    if (const auto settled = request.id.set() ? s.view->request(request.id) : nullptr) {
      out.replies.push_back({request.ticket, settled_answer(*settled)});
      return;
    }
    Setting setting{.view = *s.view, .rng = s.rng, .eval_ids = s.eval_ids, .now = s.wall, .region = s.config.region};
    auto prepared = prepare(std::move(command), setting);
    if (!prepared.ok()) {
      // What it did when it came first may be on its way through the log: then that is the answer.
      const bool twice = request.id.set() && s.proposals.under_way(request.id);
      out.replies.push_back({request.ticket, twice ? Error{Errc::unavailable, "the same request is under way"} : std::move(prepared).error()});
      return;
    }
    if (auto* answer = std::get_if<Answer>(&*prepared)) {
      note_life(*s.duties, command, *answer, s.now);
      answer->nodes = s.view->node_count();
      out.replies.push_back({request.ticket, std::move(*answer)});
      return;
    }
    auto& write = std::get<Write>(*prepared);
    note_life(*s.duties, command, write.answer, s.now);
    if (const auto* event = std::get_if<model::NodeRegistered>(&write.event))
      note_life(*s.duties, event->node.id, event->node.status, write.answer, s.now);
    write.answer.nodes = s.view->node_count();
    if (s.restoring) {
      out.replies.push_back({request.ticket, Error{Errc::busy, "a snapshot is being restored"}});
      return;
    }
    if (s.disk_full) {
      out.replies.push_back({request.ticket, *s.disk_full});
      return;
    }
    auto added = s.proposals.add(std::move(write.event), s.wall, {.ticket = request.ticket, .answer = std::move(write.answer), .lease = {}, .request = request.id});
    s.proposals_urgent = true;
    s.restoring = added.ok() && std::is_same_v<Command, RestoreSnapshot>;
    if (!added.ok()) out.replies.push_back({request.ticket, std::move(added).error()});
  }
};

}  // namespace

void on_requested(State& s, Requested input, Output& out) {
  for (auto& request : input.requests) {
    if (!s.duties) {
      out.replies.push_back({request.ticket, Error{Errc::no_leader, "No cluster leader"}});
      continue;
    }
    std::visit(Take{s, request, out}, request.command);
  }
}

void on_barrier(State& s, const BarrierAsked& input, Output& out) {
  step_raft(s, raft::ReadAsked{input.ticket | kReadBit}, out);
}

void on_disk_full(State& s, const DiskFull& input, Output& out) {
  s.disk_full.reset();
  if (!input.reason) return;
  const auto& why = input.reason->detail;
  s.disk_full = Error{Errc::no_space, "the disk is full, nothing is written until it has space: " + why};
  s.proposals.answer_all({Errc::unknown_fate, "the disk is full; the write may still be carried out when it has space: " + why}, out.replies);
}

void propose(State& s, model::Event event, std::optional<Proposals::LeaseRef> lease) {
  const char* const name = model::name_of(event);
  const bool urgent = !std::holds_alternative<model::EvalsUpdated>(event);
  // Full: what is due stays due, and the duty asks again.
  auto added = s.restoring ? Status(Error{Errc::busy, "a snapshot is being restored"}) : s.proposals.add(std::move(event), s.wall, {.ticket = 0, .answer = {}, .lease = lease});
  if (urgent) s.proposals_urgent = true;
  else s.proposals_due = s.proposals_due.value_or(s.now + kPatience);
  if (added.ok()) return;
  LOG(s.log, warn, "cannot propose", {"event", name}, {"error", added.error()});
  if (!lease) return;
  s.duties->check.settle(lease->plan);
  s.duties->broker.nack(lease->eval, lease->token, s.now);
}

void flush_proposals(State& s, Output& out) {
  if (!s.proposals_urgent && (!s.proposals_due || s.now < *s.proposals_due)) return;
  s.proposals_urgent = false;
  s.proposals_due.reset();
  if (s.proposals.has_queued()) step_raft(s, s.proposals.take_queued(), out);
}

namespace {

struct OnOutcome {
  State& s;
  Output& out;

  void operator()(const raft::Appended& o) const { s.proposals.on_appended(o); }
  void operator()(const raft::Refused& o) const {
    if ((o.ticket & kReadBit) != 0) out.replies.push_back({o.ticket & ~kReadBit, o.error});
    else s.proposals.on_refused(o, out.replies);
  }
  void operator()(const raft::ReadReady& o) const {
    const auto ticket = o.ticket & ~kReadBit;
    if (o.index > s.applied) return s.reads.wait_applied(ticket, o.index);
    Answer answer;
    answer.index = s.view->index();
    out.replies.push_back({ticket, std::move(answer)});
  }
  void operator()(const raft::LeadershipChanged& o) const {
    if (o.role == raft::Role::leader) {
      s.elected = o.term;
    } else {
      s.elected.reset();
      drop_duties(s, out);
    }
    out.leadership = o;
  }
  void operator()(const raft::TransferDone& o) const { out.operations.push_back(o); }
  void operator()(const raft::PeerChangeDone& o) const { out.operations.push_back(o); }
  void operator()(const raft::ConfigurationChanged& o) const { out.configuration = o.configuration; }
  void operator()(const raft::Diverged& o) const {
    LOG(s.log, error, "this server's history is not the cluster's", {"index", o.index});
    out.diverged = true;
  }
};

}  // namespace

void step_raft(State& s, const raft::Input& input, Output& out) {
  auto raft_out = s.raft.step(input, s.now);
  auto outcomes = std::exchange(raft_out.outcomes, {});
  out.raft.push_back(std::move(raft_out));
  for (const auto& outcome : outcomes) std::visit(OnOutcome{s, out}, outcome);
}

}  // namespace core::server
