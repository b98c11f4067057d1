// SPDX-License-Identifier: MPL-2.0
#include "core/leader/heartbeats.h"

#include <algorithm>

namespace core::leader {

Duration HeartbeatTracker::beat(const NodeId& node, Instant now) {
  const auto spread = static_cast<std::int64_t>(static_cast<double>(deadlines_.size()) / config_.max_per_second * 1e9);
  auto ttl = std::max(config_.min_ttl, Duration(spread));
  ttl += rng_.jitter(ttl);
  deadlines_.set(node, now + ttl + config_.grace);
  return ttl;
}

std::vector<NodeId> HeartbeatTracker::take_expired(Instant now, Duration retry_in) {
  auto expired = deadlines_.take_due(now);
  for (const auto& node : expired) deadlines_.set(node, now + retry_in);
  return expired;
}

}  // namespace core::leader
