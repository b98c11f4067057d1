// SPDX-License-Identifier: MPL-2.0
// Which nodes are alive: each must be heard of within a time to live that grows with the cluster, so
// that heartbeats stay under a rate; a node that is late by more than a grace is reported.
#pragma once

#include <optional>
#include <vector>

#include "core/base/deadlines.h"
#include "core/base/id.h"
#include "core/base/rng.h"

namespace core::leader {

struct HeartbeatConfig {
  Duration min_ttl = 10s;
  double max_per_second = 2000.0;  // over all nodes; docs/decisions says why not 50
  Duration grace = 10s;
  Duration failover_ttl = 300s;  // given to every node when leadership changes
};

class HeartbeatTracker {
 public:
  HeartbeatTracker(HeartbeatConfig config, Rng rng) : config_(config), rng_(rng) {}

  // The node was heard of. Returns the time to live it is told: uniform in [ttl, 2 ttl) with
  // ttl = max(min_ttl, nodes / max_per_second); its deadline is that plus the grace.
  Duration beat(const NodeId& node, Instant now);
  // A new leader knows nothing of the past: every node gets the failover time to find it.
  void expect(const NodeId& node, Instant now) { deadlines_.set(node, now + config_.failover_ttl); }
  void forget(const NodeId& node) { deadlines_.erase(node); }
  // Nodes whose deadline passed, ordered by time, then id. They stay due again after retry_in, so that
  // a failed attempt to mark them down is repeated, until beat() or forget().
  std::vector<NodeId> take_expired(Instant now, Duration retry_in);
  std::optional<Instant> next_deadline() const { return deadlines_.next(); }
  std::size_t size() const { return deadlines_.size(); }

 private:
  HeartbeatConfig config_;
  Rng rng_;
  Deadlines<NodeId> deadlines_;
};

}  // namespace core::leader
