// SPDX-License-Identifier: MPL-2.0
#include "tests/sim/network.h"

namespace sim {
namespace {

std::shared_ptr<const core::Bytes> with_a_flip(const core::Bytes& bytes, core::Rng& rng) {
  auto flipped = std::make_shared<core::Bytes>(bytes);
  if (!flipped->empty()) (*flipped)[rng.below(flipped->size())] ^= static_cast<char>(1 << rng.below(8));
  return flipped;
}

}  // namespace

Network::Network(World& world, NetworkOptions options, Deliver deliver)
    : world_(world), options_(options), deliver_(std::move(deliver)), rng_(world.rng().fork()) {}

void Network::send(const core::ServerId& from, const core::raft::Envelope& envelope) {
  if (cut_.contains({from, envelope.to}) || rng_.chance(options_.lost_per_mille)) return;
  const int copies = rng_.chance(options_.doubled_per_mille) ? 2 : 1;
  const auto sent = rng_.chance(options_.damaged_per_mille) ? damaged(envelope.message) : envelope.message;
  for (int i = 0; i < copies; ++i)
    world_.after(rng_.jitter(options_.delay), [this, to = envelope.to, message = core::raft::Received{from, sent}] {
      if (!cut_.contains({message.from, to})) deliver_(to, message);
    });
}

// What a digest protects, and it alone: the rest of a message is the transport's to check.
core::raft::Message Network::damaged(core::raft::Message message) {
  if (auto* append = std::get_if<core::raft::AppendRequest>(&message); append != nullptr && !append->entries.empty()) {
    auto& entry = append->entries[rng_.below(append->entries.size())];
    entry.payload = with_a_flip(*entry.payload, rng_);
  } else if (auto* install = std::get_if<core::raft::InstallRequest>(&message)) {
    install->bytes = with_a_flip(*install->bytes, rng_);
  }
  return message;
}

void Network::fall_apart(std::vector<core::ServerId> servers, core::Rng& rng) {
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
