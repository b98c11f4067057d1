// SPDX-License-Identifier: MPL-2.0
#include "agent/server/meters.h"

#include <type_traits>

#include "core/base/assert.h"

namespace agent::server {
namespace {

namespace cs = core::server;

// Nomad's, each named for its endpoint and call there.
template <class Command>
constexpr const char* name_of() {
  if constexpr (std::is_same_v<Command, cs::RegisterJob>) return "nomad.nomad.job.register";
  if constexpr (std::is_same_v<Command, cs::DeregisterJob>) return "nomad.nomad.job.deregister";
  if constexpr (std::is_same_v<Command, cs::EvaluateJob>) return "nomad.nomad.job.evaluate";
  if constexpr (std::is_same_v<Command, cs::RegisterNode>) return "nomad.nomad.client.register";
  if constexpr (std::is_same_v<Command, cs::UpdateNodeStatus>) return "nomad.nomad.client.update_status";
  if constexpr (std::is_same_v<Command, cs::DrainNode>) return "nomad.nomad.client.update_drain";
  if constexpr (std::is_same_v<Command, cs::SetEligibility>) return "nomad.nomad.client.update_eligibility";
  if constexpr (std::is_same_v<Command, cs::EvaluateNode>) return "nomad.nomad.client.evaluate";
  if constexpr (std::is_same_v<Command, cs::PurgeNode>) return "nomad.nomad.client.deregister";
  if constexpr (std::is_same_v<Command, cs::UpdateAllocs>) return "nomad.nomad.client.update_alloc";
  if constexpr (std::is_same_v<Command, cs::StopAlloc>) return "nomad.nomad.alloc.stop";
  return nullptr;  // Nomad does not time it
}

template <std::size_t... i>
void open_commands(core::metrics::Registry& registry, Meters& meters, std::index_sequence<i...>) {
  const auto open = [&](std::size_t number, const char* name) {
    if (name != nullptr) meters.commands[number] = registry.sample(name);
  };
  (open(i, name_of<std::variant_alternative_t<i, cs::Command>>()), ...);
}

const char* name_of(cs::Ask ask) {
  switch (ask) {
    case cs::Ask::jobs: return "nomad.nomad.job.list";
    case cs::Ask::job: return "nomad.nomad.job.get_job";
    case cs::Ask::job_versions: return "nomad.nomad.job.get_job_versions";
    case cs::Ask::job_summary: return "nomad.nomad.job_summary.get_job_summary";
    case cs::Ask::job_allocs: return "nomad.nomad.job.allocations";
    case cs::Ask::job_evals: return "nomad.nomad.job.evaluations";
    case cs::Ask::nodes: return "nomad.nomad.client.list";
    case cs::Ask::node: return "nomad.nomad.client.get_node";
    case cs::Ask::node_allocs: return "nomad.nomad.client.get_allocs";
    case cs::Ask::evals: return "nomad.nomad.eval.list";
    case cs::Ask::eval: return "nomad.nomad.eval.get_eval";
    case cs::Ask::eval_allocs: return "nomad.nomad.eval.allocations";
    case cs::Ask::allocs: return "nomad.nomad.alloc.list";
    case cs::Ask::alloc: return "nomad.nomad.alloc.get_alloc";
    case cs::Ask::deployments: return "nomad.nomad.deployment.list";
    case cs::Ask::job_deployments: return "nomad.nomad.job.deployments";
    case cs::Ask::job_deployment: return "nomad.nomad.job.latest_deployment";
  }
  UNREACHABLE();
}

}  // namespace

Meters::Meters(core::metrics::Registry& registry)
    : rpc_requests(registry.counter("nomad.nomad.rpc.request")),
      rpc_queries(registry.counter("nomad.nomad.rpc.query")),
      rpc_connections(registry.counter("nomad.nomad.rpc.accept_conn")),
      raft_applies(registry.counter("nomad.raft.apply")),
      became_leader(registry.counter("nomad.raft.state.leader")),
      became_candidate(registry.counter("nomad.raft.state.candidate")),
      became_follower(registry.counter("nomad.raft.state.follower")),
      raft_batch(registry.gauge("nomad.raft.leader.dispatchNumLogs")),
      raft_commit(registry.sample("nomad.raft.commitTime")),
      raft_dispatch(registry.sample("nomad.raft.leader.dispatchLog")),
      raft_contact(registry.sample("nomad.raft.leader.lastContact")),
      members_joined(registry.counter("nomad.serf.member.join")),
      members_failed(registry.counter("nomad.serf.member.failed")),
      members_left(registry.counter("nomad.serf.member.left")),
      members_updated(registry.counter("nomad.serf.member.update")),
      service(registry.sample("nomad.nomad.worker.invoke_scheduler.service")),
      batch(registry.sample("nomad.nomad.worker.invoke_scheduler.batch")),
      system(registry.sample("nomad.nomad.worker.invoke_scheduler.system")),
      plan_submit(registry.sample("nomad.nomad.plan.submit")) {
  open_commands(registry, *this, std::make_index_sequence<std::variant_size_v<cs::Command>>());
  for (std::size_t i = 0; i < queries.size(); ++i) queries[i] = registry.sample(name_of(static_cast<cs::Ask>(i)));
}

const core::metrics::Sample& Meters::scheduler(std::string_view type) const {
  return type == "service" ? service : type == "batch" ? batch : system;
}

}  // namespace agent::server
