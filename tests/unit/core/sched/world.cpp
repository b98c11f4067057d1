// SPDX-License-Identifier: MPL-2.0
#include "tests/unit/core/sched/world.h"

#include <algorithm>

namespace test {

using namespace core;
using namespace core::model;

NodePtr World::add(const NodeBuilder& node) {
  auto made = node.build();
  made.modify_index = next();
  auto shared = std::make_shared<const Node>(std::move(made));
  state_.put(shared);
  return shared;
}

void World::add_nodes(std::uint64_t count, std::uint64_t first) {
  for (auto n = first; n < first + count; ++n) add(NodeBuilder(n));
}

JobPtr World::add(JobBuilder job) {
  auto made = job.build();
  const auto index = next();
  made.create_index = made.modify_index = made.job_modify_index = index;
  if (const auto before = state_.job(key(made))) {
    made.create_index = before->create_index;
    made.version = before->version + 1;
  }
  auto shared = std::make_shared<const Job>(std::move(made));
  state_.put(shared);
  return shared;
}

AllocId World::add(const Allocation& alloc) {
  state_.put(std::make_shared<const Allocation>(alloc));
  return alloc.id;
}

sched::Decision World::decide(const Job& job, const char* trigger) {
  Evaluation eval;
  eval.id = {make_uuid(rng_)};
  eval.ns = job.ns;
  eval.type = job.type;
  eval.priority = job.priority;
  eval.job_id = job.id;
  eval.triggered_by = trigger;
  return decide(eval);
}

sched::Decision World::decide(const Evaluation& eval) { return sched::schedule(eval, state_, rng_, now_, options); }

void World::change(const AllocId& id, const std::function<void(Allocation&)>& change) {
  auto alloc = *state_.alloc(id);
  change(alloc);
  alloc.modify_index = next();
  alloc.modify_time = now_;
  state_.put(std::make_shared<const Allocation>(std::move(alloc)));
}

void World::apply(const sched::Decision& decision) {
  const auto& plan = decision.plan;
  for (const auto& stop : plan.stops)
    change(stop.id, [&](Allocation& a) {
      a.desired_status = stop.desired_status;
      a.desired_description = stop.description;
      if (stop.client_status) a.client_status = *stop.client_status;
      if (!stop.followup_eval.empty()) a.followup_eval = stop.followup_eval;
    });
  for (const auto& placement : plan.placements) {
    auto alloc = placed_alloc(plan, placement, state_.job(plan.job));
    const auto before = state_.alloc(alloc.id);
    alloc.create_index = before ? before->create_index : next();
    alloc.create_time = before ? before->create_time : now_;
    if (before) alloc.client_status = before->client_status, alloc.task_states = before->task_states;
    alloc.modify_index = next();
    alloc.modify_time = now_;
    if (!before && !alloc.previous_allocation.empty())
      change(alloc.previous_allocation, [&](Allocation& a) { a.next_allocation = alloc.id; });
    state_.put(std::make_shared<const Allocation>(std::move(alloc)));
  }
  state_.put(std::make_shared<const Evaluation>(decision.eval));
  for (const auto& eval : decision.follow_ups) state_.put(std::make_shared<const Evaluation>(eval));
}

sched::Decision World::run(const Job& job, const char* trigger) {
  auto decision = decide(job, trigger);
  apply(decision);
  return decision;
}

sched::Decision World::run(const Evaluation& eval) {
  auto decision = decide(eval);
  apply(decision);
  return decision;
}

void World::set_node(const NodeId& id, NodeStatus status) {
  auto node = *state_.node(id);
  node.status = status;
  node.modify_index = next();
  state_.put(std::make_shared<const Node>(std::move(node)));
}

void World::set_client(const AllocId& id, ClientStatus status) {
  change(id, [&](Allocation& a) {
    a.client_status = status;
    auto& task = a.task_states["server"];
    task.state = a.client_terminal() ? TaskStatus::dead : TaskStatus::running;
    task.failed = status == ClientStatus::failed;
    if (a.client_terminal()) task.finished_at = {now_};
  });
}

void World::settle() {
  state_.each_job([&](const JobPtr& job) {
    for (const auto& alloc : state_.allocs_of(key(*job))) {
      if (alloc->client_terminal()) continue;
      if (alloc->server_terminal()) set_client(alloc->id, ClientStatus::complete);
      else if (alloc->client_status == ClientStatus::pending) set_client(alloc->id, ClientStatus::running);
    }
  });
}

void World::mark_migrate(const AllocId& id) {
  change(id, [](Allocation& a) { a.desired_transition.migrate = true; });
}

std::vector<AllocPtr> World::allocs(const Job& job) const { return state_.allocs_of(key(job)); }

std::vector<AllocPtr> World::live(const Job& job) const {
  auto all = allocs(job);
  std::erase_if(all, [](const auto& alloc) { return alloc->terminal(); });
  return all;
}

std::vector<std::string> names(const std::vector<AllocPtr>& allocs) {
  std::vector<std::string> out;
  for (const auto& alloc : allocs) out.push_back(alloc->name.substr(alloc->job_id.text.size() + 1));
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace test
