// SPDX-License-Identifier: MPL-2.0
#include "tests/sim/checkers.h"

#include <map>
#include <set>

namespace sim {
namespace {

using core::model::AllocPtr;

bool take_ports(const std::vector<core::model::NetworkResource>& networks, std::set<std::pair<std::string, std::int64_t>>& taken) {
  for (const auto& network : networks)
    for (const auto* ports : {&network.reserved_ports, &network.dynamic_ports})
      for (const auto& port : *ports)
        if (!taken.emplace(network.ip, port.value).second) return false;
  return true;
}

std::string check_node(const core::model::Node& node, const core::model::StateView& state) {
  core::model::Amount used;
  std::set<std::pair<std::string, std::int64_t>> ports;
  for (const auto& alloc : state.allocs_on(node.id)) {
    if (alloc->terminal()) continue;
    used += core::model::amount(*alloc);
    bool free = take_ports(alloc->shared.networks, ports);
    for (const auto& [task, resources] : alloc->task_resources) free = take_ports(resources.networks, ports) && free;
    if (!free) return "a port is taken twice on " + node.name;
  }
  if (used != state.used_on(node.id)) return "what is used on " + node.name + " is not what is counted";
  const auto dimension = core::model::over(used, core::model::capacity(node));
  return dimension.empty() ? "" : node.name + " is over its " + std::string(dimension);
}

std::string check_names(const core::model::Job& job, const core::model::StateView& state) {
  std::set<std::string> names;
  for (const auto& alloc : state.allocs_of(core::model::key(job)))
    if (!alloc->terminal() && !names.insert(alloc->name).second) return "two live allocations are called " + alloc->name;
  return "";
}

bool waits_for_capacity(const core::model::Job& job, const core::model::StateView& state) {
  for (const auto& eval : state.evals_of(core::model::key(job)))
    if (!eval->terminal()) return true;
  return false;
}

}  // namespace

std::string check_acknowledged(const core::model::StateView& state, const Workload& told) {
  for (const auto& [id, known] : told.jobs()) {
    const auto job = state.job({"default", id});
    if (!job) return "acknowledged job " + id.text + " is gone";
    if (job->job_modify_index > known.index) continue;  // a later write, of which nobody was told
    if (job->stop != known.stopped) return std::string("acknowledged ") + (known.stopped ? "stop" : "registration") + " of " + id.text + " is lost";
  }
  for (const auto& id : told.nodes())
    if (!state.node(id)) return "acknowledged node " + id.text + " is gone";
  return "";
}

std::string check_placements(const core::model::StateView& state) {
  std::string breach;
  state.each_node([&](const auto& node) {
    if (breach.empty()) breach = check_node(*node, state);
  });
  state.each_job([&](const auto& job) {
    if (breach.empty()) breach = check_names(*job, state);
  });
  return breach;
}

std::string check_converged(const core::model::StateView& state) {
  std::string breach;
  state.each_eval([&](const auto& eval) {
    if (breach.empty() && eval->status == core::model::EvalStatus::pending && eval->wait == core::Duration::zero() && !eval->wait_until.at.set())
      breach = "evaluation " + eval->id.text + " of " + eval->job_id.text + " is still pending";
  });
  state.each_job([&](const auto& job) {
    if (!breach.empty()) return;
    std::int64_t live = 0, done = 0;
    for (const auto& alloc : state.allocs_of(core::model::key(*job))) {
      if (!alloc->terminal()) ++live;
      if (alloc->client_status == core::model::ClientStatus::complete) ++done;
    }
    const auto wanted = job->stop ? 0 : *job->groups[0].count;
    if (live > wanted) breach = job->id.text + " has " + std::to_string(live) + " live allocations, wants " + std::to_string(wanted);
    else if (live < wanted && job->type == "service" && !waits_for_capacity(*job, state))
      breach = job->id.text + " has " + std::to_string(live) + " of " + std::to_string(wanted) + " allocations and nothing waits";
  });
  return breach;
}

std::string check_replay(const Cluster& cluster, const Ledger& ledger) {
  auto fresh = store::state::StateMachine::open(":memory:");
  if (!fresh.ok()) return fresh.error().detail;
  if (const auto applied = fresh->apply(ledger.entries()); !applied.ok()) return "replay failed: " + applied.error().detail;
  const auto replayed = fresh->digest();
  if (!replayed.ok()) return "the replayed state has no digest";
  for (const auto& node : cluster.nodes()) {
    const auto applied = node->machine().applied();
    if (applied != fresh->applied())
      return node->name() + " has applied entry " + std::to_string(applied.index.value) + " of " + std::to_string(fresh->applied().index.value) + ", its log ends at " +
             std::to_string(node->server().status().last.index.value);
    const auto digest = node->machine().digest();
    if (!digest.ok()) return node->name() + ": the state has no digest: " + digest.error().detail;
    if (*digest != *replayed) return "a replay of the log gives another state than " + node->name() + " has";
  }
  return "";
}

}  // namespace sim
