// SPDX-License-Identifier: MPL-2.0
#include "agent/server/server_gauges.h"

namespace agent::server {

ServerGauges::ServerGauges(core::metrics::Registry& registry)
    : ready_(registry.gauge("nomad.nomad.broker.total_ready")),
      unacked_(registry.gauge("nomad.nomad.broker.total_unacked")),
      held_back_(registry.gauge("nomad.nomad.broker.total_blocked")),
      waiting_(registry.gauge("nomad.nomad.broker.total_waiting")),
      blocked_(registry.gauge("nomad.nomad.blocked_evals.total_blocked")),
      plans_(registry.gauge("nomad.nomad.plan.queue_depth")),
      heartbeats_(registry.gauge("nomad.nomad.heartbeat.active")),
      applied_(registry.gauge("nomad.raft.appliedIndex")),
      last_(registry.gauge("nomad.raft.lastIndex")) {}

void ServerGauges::set(const ServerDriver& driver, core::Instant now) {
  const auto as_number = [](auto count) { return static_cast<double>(count); };
  const auto counts = driver.counts();
  ready_.set(as_number(counts.evals_ready));
  unacked_.set(as_number(counts.evals_unacked));
  held_back_.set(as_number(counts.evals_held_back));
  waiting_.set(as_number(counts.evals_waiting));
  blocked_.set(as_number(counts.evals_blocked));
  plans_.set(as_number(counts.plans_queued));
  heartbeats_.set(as_number(counts.heartbeats));
  const auto status = driver.status();
  applied_.set(as_number(status.applied.value));
  last_.set(as_number(status.last.index.value));
  if (!driver.leads()) return;
  for (const auto& peer : status.peers)
    if (peer.heard_at) driver.meters().raft_contact.add(now - *peer.heard_at);
}

}  // namespace agent::server
