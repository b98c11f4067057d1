// SPDX-License-Identifier: MPL-2.0
#include "core/server/autopilot.h"

namespace core::server {

void Autopilot::rest() {
  watching_since_.reset();
  healthy_since_.clear();
}

bool Autopilot::in_contact(const raft::PeerStatus& peer, Instant now) const {
  return peer.heard_at && now - *peer.heard_at <= config_.last_contact_threshold;
}

// A leader that did not watch for that long cannot tell who is stable; whoever is healthy then counts as such.
bool Autopilot::stable(const ServerId& id, Instant now) const {
  const auto since = healthy_since_.find(id);
  if (since == healthy_since_.end()) return false;
  return now - *watching_since_ < config_.stabilization_time || now - since->second >= config_.stabilization_time;
}

Autopilot::Advice Autopilot::look(const raft::StatusReport& raft, const std::map<ServerId, Heard>& gossip, Instant now) {
  if (!watching_since_) watching_since_ = now;
  Advice advice;
  for (const auto& peer : raft.peers) {
    const auto heard = gossip.find(peer.peer.id);
    const bool lives = heard == gossip.end() || heard->second.lives;
    const bool healthy = lives && in_contact(peer, now) && peer.match.value + config_.max_trailing_logs >= raft.last.index.value;
    if (healthy) healthy_since_.try_emplace(peer.peer.id, now);
    else healthy_since_.erase(peer.peer.id);
    if (!peer.peer.voter && stable(peer.peer.id, now)) advice.promote.push_back(peer.peer.id);
  }
  std::erase_if(healthy_since_, [&](const auto& server) { return raft.configuration.find(server.first) == nullptr; });
  if (config_.cleanup_dead_servers) advice.take_out = dead(raft, gossip, now);
  return advice;
}

std::vector<ServerId> Autopilot::dead(const raft::StatusReport& raft, const std::map<ServerId, Heard>& gossip, Instant now) const {
  std::vector<ServerId> out;
  std::size_t dead_voters = 0;
  for (const auto& peer : raft.peers) {
    const auto heard = gossip.find(peer.peer.id);
    if (heard == gossip.end() || heard->second.lives || now - heard->second.since < config_.stabilization_time || in_contact(peer, now)) continue;
    out.push_back(peer.peer.id);
    dead_voters += peer.peer.voter;
  }
  const auto voters = raft.configuration.voters();
  const bool too_many = dead_voters > (voters - 1) / 2 || voters - dead_voters < config_.min_quorum;
  if (too_many) std::erase_if(out, [&](const ServerId& id) { return raft.configuration.is_voter(id); });
  return out;
}

}  // namespace core::server
