// SPDX-License-Identifier: MPL-2.0
#include "core/leader/drainer.h"

#include <algorithm>

namespace core::leader {
namespace {

using model::AllocPtr;
using model::StateView;

// A proposal may get lost on a busy leader; asking twice does no harm.
constexpr Duration kAskAgainAfter = 30s;

// Does the node have to wait for this one? A stopped task counts until its client says that it ended,
// as long as there is a client to say so.
bool remains(const model::Allocation& alloc, const model::Node& node) {
  if (alloc.client_terminal()) return false;
  return !(alloc.server_terminal() && node.status == model::NodeStatus::down);
}

bool is_type(const model::Allocation& alloc, std::string_view type) { return alloc.job && alloc.job->type == type; }

}  // namespace

void Drainer::rebuild(const StateView& view) {
  *this = Drainer();
  view.each_node([&](const model::NodePtr& node) {
    if (!node->drain) return;
    draining_.try_emplace(node->id);
    dirty_nodes_.insert(node->id);
  });
}

void Drainer::forget(const NodeId& node) {
  const auto it = draining_.find(node);
  if (it == draining_.end()) return;
  watch_jobs(node, it->second, {});
  draining_.erase(it);
  dirty_nodes_.erase(node);
  deadlines_.erase(node);
  ask_again_.erase(node);
}

void Drainer::on_change(const model::Change& change) {
  struct Note {
    Drainer& self;
    void operator()(const model::NodeChanged& c) const {
      if (!c.node->drain) return self.forget(c.node->id);
      self.draining_.try_emplace(c.node->id);
      self.dirty_nodes_.insert(c.node->id);
    }
    void operator()(const model::NodeRemoved& c) const { self.forget(c.node); }
    void operator()(const model::AllocChanged& c) const { alloc(c.alloc->node_id, c.alloc->job_key()); }
    void operator()(const model::AllocRemoved& c) const { alloc(c.node, c.job); }
    void operator()(const model::JobChanged& c) const { job(key(*c.job)); }
    void operator()(const model::JobRemoved& c) const { job(c.job); }
    void operator()(const model::EvalChanged&) const {}
    void operator()(const model::EvalRemoved&) const {}
    void operator()(const model::RequestSettled&) const {}
    void operator()(const model::RequestForgotten&) const {}

    void alloc(const NodeId& node, const model::JobKey& of) const {
      if (self.draining_.contains(node)) self.dirty_nodes_.insert(node);
      job(of);
    }
    void job(const model::JobKey& key) const {
      if (self.nodes_of_.contains(key)) self.dirty_jobs_.insert(key);
    }
  };
  std::visit(Note{*this}, change.fact);
}

Drainer::Step Drainer::advance(const StateView& view, Instant now, WallTime wall) {
  Step step;
  for (auto& node : deadlines_.take_due(now)) dirty_nodes_.insert(std::move(node));
  for (auto& node : ask_again_.take_due(now)) {
    auto& draining = draining_.at(node);
    draining.asked.clear();
    draining.done_asked = false;
    dirty_nodes_.insert(std::move(node));
  }
  for (const auto& node : std::exchange(dirty_nodes_, {})) look_at(node, view, now, wall, step);
  for (const auto& job : std::exchange(dirty_jobs_, {})) next_batches(job, view, now, step);
  return step;
}

// Keeps the deadline armed until it has passed. A deadline is wall time, set when the drain was ordered;
// the timer only brings us back to look.
bool Drainer::past_deadline(const model::Node& node, Instant now, WallTime wall) {
  const auto& drain = *node.drain;
  if (drain.deadline < Duration::zero()) return true;
  if (drain.deadline == Duration::zero()) return false;
  const auto left = drain.force_deadline.at - wall;
  if (left <= Duration::zero()) return true;
  deadlines_.set(node.id, now + left);
  return false;
}

void Drainer::look_at(const NodeId& id, const StateView& view, Instant now, WallTime wall, Step& step) {
  const auto node = view.node(id);
  if (!node || !node->drain) return forget(id);
  auto& draining = draining_[id];
  std::vector<AllocPtr> remaining, system;
  for (const auto& alloc : view.allocs_on(id)) {
    if (alloc->desired_transition.migrate.value_or(false)) draining.asked.erase(alloc->id);
    if (!remains(*alloc, *node)) continue;
    if (!is_type(*alloc, "system")) remaining.push_back(alloc);
    else if (!node->drain->ignore_system_jobs) system.push_back(alloc);
  }
  const bool forced = past_deadline(*node, now, wall);
  std::set<model::JobKey> services;
  for (const auto& alloc : remaining) {
    if (alloc->terminal()) continue;
    if (forced) mark(*alloc, now, step);
    else if (is_type(*alloc, "service")) services.insert(alloc->job_key());
  }
  if (forced || remaining.empty())
    for (const auto& alloc : system)
      if (!alloc->terminal()) mark(*alloc, now, step);
  dirty_jobs_.insert(services.begin(), services.end());
  watch_jobs(id, draining, std::move(services));
  if (!remaining.empty() || !system.empty() || draining.done_asked) return;
  draining.done_asked = true;
  ask_again_.set(id, now + kAskAgainAfter);
  step.done.push_back(id);
}

void Drainer::watch_jobs(const NodeId& id, Draining& draining, std::set<model::JobKey> jobs) {
  for (const auto& job : draining.jobs) {
    if (jobs.contains(job)) continue;
    const auto it = nodes_of_.find(job);
    it->second.erase(id);
    if (it->second.empty()) nodes_of_.erase(it);
  }
  for (const auto& job : jobs) nodes_of_[job].insert(id);
  draining.jobs = std::move(jobs);
}

void Drainer::next_batches(const model::JobKey& key, const StateView& view, Instant now, Step& step) {
  const auto job = view.job(key);
  if (!job || job->stop) return;  // the scheduler stops all of it anyway
  std::map<std::string, std::vector<AllocPtr>> by_group;
  for (auto& alloc : view.allocs_of(key))
    if (!alloc->terminal()) by_group[alloc->task_group].push_back(std::move(alloc));
  for (const auto& group : job->groups)
    if (const auto it = by_group.find(group.name); it != by_group.end()) next_batch(group, it->second, now, step);
}

// As many as may be missing at once: those that run, less what the group must keep running. One that
// does not run yet is missed by nobody and may go at any time.
void Drainer::next_batch(const model::TaskGroup& group, const std::vector<AllocPtr>& allocs, Instant now, Step& step) {
  const auto max_parallel = group.migrate ? group.migrate->max_parallel : 1;
  const auto is_running = [](const model::Allocation& a) { return a.client_status == model::ClientStatus::running; };
  std::int64_t running = 0;
  for (const auto& alloc : allocs) running += is_running(*alloc) && !marked(*alloc) ? 1 : 0;
  auto spare = running - (group.count.value_or(1) - max_parallel);
  for (const auto& alloc : allocs) {
    if (!draining_.contains(alloc->node_id) || marked(*alloc)) continue;
    if (is_running(*alloc) && spare-- <= 0) continue;
    mark(*alloc, now, step);
  }
}

bool Drainer::marked(const model::Allocation& alloc) const {
  if (alloc.desired_transition.migrate.value_or(false)) return true;
  const auto it = draining_.find(alloc.node_id);
  return it != draining_.end() && it->second.asked.contains(alloc.id);
}

void Drainer::mark(const model::Allocation& alloc, Instant now, Step& step) {
  if (marked(alloc)) return;
  draining_.at(alloc.node_id).asked.insert(alloc.id);
  ask_again_.set(alloc.node_id, now + kAskAgainAfter);
  step.migrate[alloc.id].migrate = true;
}

}  // namespace core::leader
