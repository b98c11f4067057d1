// SPDX-License-Identifier: MPL-2.0
#include "agent/discovery/rendezvous_registry.h"

namespace agent::discovery {

core::Result<std::vector<RendezvousPeer>> RendezvousRegistry::visit(const RendezvousVisit& visit, core::Instant now) {
  for (const auto& key : deadlines_.take_due(now)) entries_.erase(key);
  const Key key{visit.infrastructure, visit.peer.address};
  auto others = of(visit.infrastructure);
  if (entries_.erase(key) == 0) {
    if (entries_.size() >= limits_.entries) return core::Error{core::Errc::busy, "the rendezvous is full"};
    if (others.size() >= limits_.of_one) return core::Error{core::Errc::busy, "the infrastructure is full"};
  }
  std::erase_if(others, [&](const RendezvousPeer& peer) { return peer.address == visit.peer.address; });
  entries_.emplace(key, visit.peer);
  deadlines_.set(key, now + limits_.ttl);
  return others;
}

void RendezvousRegistry::leave(const std::string& infrastructure, const std::string& address) {
  const Key key{infrastructure, address};
  entries_.erase(key);
  deadlines_.erase(key);
}

std::vector<RendezvousPeer> RendezvousRegistry::of(const std::string& infrastructure) const {
  std::vector<RendezvousPeer> out;
  for (auto at = entries_.lower_bound({infrastructure, ""}); at != entries_.end() && at->first.first == infrastructure; ++at) out.push_back(at->second);
  return out;
}

}  // namespace agent::discovery
