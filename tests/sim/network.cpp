// SPDX-License-Identifier: MPL-2.0
#include "tests/sim/network.h"

namespace sim {

Network::Network(World& world, NetworkOptions options, Deliver deliver)
    : world_(world), options_(options), deliver_(std::move(deliver)) {}

void Network::send(const core::ServerId& from, const core::raft::Envelope& envelope) {
  auto& rng = world_.rng();
  if (cut_.contains({from, envelope.to}) || rng.chance(options_.lost_per_mille)) return;
  const int copies = rng.chance(options_.doubled_per_mille) ? 2 : 1;
  for (int i = 0; i < copies; ++i)
    world_.after(rng.jitter(options_.delay), [this, to = envelope.to, message = core::raft::Received{from, envelope.message}] {
      if (!cut_.contains({message.from, to})) deliver_(to, message);
    });
}

void Network::fall_apart(std::vector<core::ServerId> servers) {
  auto& rng = world_.rng();
  rng.shuffle(servers);
  const auto middle = rng.chance(500) ? 1 : servers.size() / 2;
  const bool bridge = servers.size() > 2 && rng.chance(250);  // the last one still reaches everybody
  const bool one_way = rng.chance(300);
  const auto end = servers.size() - (bridge ? 1 : 0);
  for (std::size_t a = 0; a < middle; ++a)
    for (std::size_t b = middle; b < end; ++b) {
      cut(servers[a], servers[b]);
      if (!one_way) cut(servers[b], servers[a]);
    }
}

}  // namespace sim
