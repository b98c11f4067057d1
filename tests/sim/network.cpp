// SPDX-License-Identifier: MPL-2.0
#include "tests/sim/network.h"

namespace sim {
namespace {

std::shared_ptr<const core::Bytes> with_a_flip(const core::Bytes& bytes, core::Rng& rng) {
  auto flipped = std::make_shared<core::Bytes>(bytes);
  if (!flipped->empty()) (*flipped)[rng.below(flipped->size())] ^= static_cast<char>(1 << rng.below(8));
  return flipped;
}

constexpr core::Duration kStrayMost = std::chrono::seconds(3);

}  // namespace

Network::Network(World& world, NetworkOptions options, Deliver deliver)
    : world_(world),
      deliver_(std::move(deliver)),
      links_({options.delay, options.lost_per_mille, options.doubled_per_mille}, world.rng().fork()),
      options_(options) {}

void Network::send(const core::ServerId& from, const core::raft::Envelope& envelope) {
  const int copies = links_.carries(from, envelope.to) ? links_.copies() : 0;
  if (copies == 0) return;
  auto& rng = links_.rng();
  const bool piece = std::holds_alternative<core::raft::InstallRequest>(envelope.message);
  const bool damage = rng.chance(piece ? options_.damaged_pieces_per_mille : options_.damaged_per_mille);
  const auto sent = damage ? damaged(envelope.message) : envelope.message;
  for (int i = 0; i < copies; ++i)
    world_.after(rng.chance(options_.stray_per_mille) ? rng.jitter(kStrayMost) : links_.delay(), [this, to = envelope.to, message = core::raft::Received{from, sent}] {
      if (links_.carries(message.from, to)) deliver_(to, message);
    });
}

// What a digest protects, and it alone: the rest of a message is the transport's to check.
core::raft::Message Network::damaged(core::raft::Message message) {
  if (auto* append = std::get_if<core::raft::AppendRequest>(&message); append != nullptr && !append->entries.empty()) {
    auto& entry = append->entries[links_.rng().below(append->entries.size())];
    entry.payload = with_a_flip(*entry.payload, links_.rng());
  } else if (auto* install = std::get_if<core::raft::InstallRequest>(&message)) {
    install->bytes = with_a_flip(*install->bytes, links_.rng());
  }
  return message;
}

void Network::part(std::vector<core::ServerId> servers, core::Rng& rng) {
  rng.shuffle(servers);
  const auto middle = servers.begin() + static_cast<std::ptrdiff_t>(servers.size() / 2);
  links_.part({servers.begin(), middle}, {middle, servers.end()}, false);
}

}  // namespace sim
