// SPDX-License-Identifier: MPL-2.0
// What a batch of applied entries sets off: answers, woken readers, and the leader's duties.
#include "core/server/state.h"

namespace core::server {
namespace {

void enqueue(State& s, model::EvalPtr eval) { s.duties->broker.enqueue(std::move(eval), s.now, s.wall); }

struct React {
  State& s;
  Index index;

  void operator()(const model::JobChanged&) const {}
  void operator()(const model::JobRemoved& c) const { s.duties->blocked.forget(c.job); }

  void operator()(const model::NodeChanged& c) const {
    if (c.node->status == model::NodeStatus::down) s.duties->heartbeats.forget(c.node->id);
    if (c.node->takes_work()) unblock(c.node->computed_class);
  }
  void operator()(const model::NodeRemoved& c) const { s.duties->heartbeats.forget(c.node); }

  void operator()(const model::EvalChanged& c) const {
    auto& duties = *s.duties;
    const auto& eval = c.eval;
    switch (eval->status) {
      case model::EvalStatus::pending: return enqueue(s, eval);
      case model::EvalStatus::blocked:
        duties.broker.remove(eval->id);
        if (auto again = duties.blocked.block(eval)) enqueue(s, std::move(*again));
        return;
      case model::EvalStatus::complete:
      case model::EvalStatus::failed:
      case model::EvalStatus::canceled:
        duties.broker.remove(eval->id);
        duties.blocked.forget(*eval);
        if (eval->status == model::EvalStatus::complete && eval->failed_groups.empty())
          duties.blocked.forget(eval->job_key());
        return;
    }
    UNREACHABLE();
  }
  void operator()(const model::EvalRemoved& c) const { s.duties->broker.remove(c.eval); }

  void operator()(const model::AllocChanged& c) const {
    if (!c.alloc->terminal()) return;
    if (const auto node = s.view->node(c.alloc->node_id)) unblock(node->computed_class);
  }
  void operator()(const model::AllocRemoved&) const {}
  void operator()(const model::RequestSettled&) const {}
  void operator()(const model::RequestForgotten&) const {}

 private:
  void unblock(const std::string& computed_class) const {
    for (auto& eval : s.duties->blocked.unblock(computed_class, index)) enqueue(s, std::move(eval));
  }
};

void answer_barriers(State& s, Output& out) {
  for (const auto ticket : s.reads.take_applied(s.applied)) {
    Answer answer;
    answer.index = s.view->index();
    out.replies.push_back({ticket, std::move(answer)});
  }
}

}  // namespace

void on_applied(State& s, Applied input, Output& out) {
  ASSERT(input.view != nullptr);
  ASSERT(input.view->index() >= s.view->index());
  ASSERT(input.applied >= s.applied);
  s.view = std::move(input.view);
  s.applied = input.applied;
  step_raft(s, raft::Applied{s.applied}, out);
  for (const auto& entry : input.entries) s.proposals.on_applied(entry, out.replies);
  answer_barriers(s, out);
  const auto woken = input.replaced ? s.reads.take_all() : s.reads.take_woken(input.changes);
  out.woken.insert(out.woken.end(), woken.begin(), woken.end());
  // A leader's duties are about objects that may be gone: they begin anew.
  if (s.duties && input.replaced) {
    renew_duties(s);
  } else if (s.duties) {
    for (const auto& change : input.changes) {
      std::visit(React{s, change.index}, change.fact);
      s.duties->drainer.on_change(change);
    }
    settle_plans(s, out);
  } else if (s.elected && !input.entries.empty() && input.entries.back().id.term == *s.elected) {
    take_up_duties(s);
  }
  // Behind a restore the log may let go of the snapshot that went through it.
  const bool restored = input.replaced && !input.entries.empty();
  if (restored || s.applied.value - s.last_snapshot.value >= s.config.snapshot_every) {
    s.last_snapshot = s.applied;
    out.take_snapshot = true;
  }
}

}  // namespace core::server
