// SPDX-License-Identifier: MPL-2.0
#include "core/raft/types.h"

#include <algorithm>

#include "core/base/binary.h"
#include "core/base/limits.h"

namespace core::raft {
namespace {

bool before(const Peer& peer, const ServerId& id) { return peer.id < id; }

}  // namespace

Digest chain_digest(const Digest& previous, const Entry& entry) {
  Writer header;
  header.u64(entry.id.term.value);
  header.u64(entry.id.index.value);
  header.u8(static_cast<std::uint8_t>(entry.kind));
  header.u16(entry.type);
  header.i64(entry.time.ns);
  header.u64(entry.request.high);
  header.u64(entry.request.low);
  header.u32(static_cast<std::uint32_t>(entry.payload->size()));
  return chain(previous, {header.bytes(), *entry.payload});
}

const Peer* Configuration::find(const ServerId& id) const {
  const auto it = std::lower_bound(peers.begin(), peers.end(), id, before);
  return it != peers.end() && it->id == id ? &*it : nullptr;
}

bool Configuration::is_voter(const ServerId& id) const {
  const auto* peer = find(id);
  return peer != nullptr && peer->voter;
}

std::size_t Configuration::voters() const {
  return static_cast<std::size_t>(
      std::count_if(peers.begin(), peers.end(), [](const Peer& peer) { return peer.voter; }));
}

void Configuration::put(Peer peer) {
  const auto it = std::lower_bound(peers.begin(), peers.end(), peer.id, before);
  if (it != peers.end() && it->id == peer.id) {
    *it = std::move(peer);
  } else {
    peers.insert(it, std::move(peer));
  }
}

void Configuration::erase(const ServerId& id) {
  std::erase_if(peers, [&](const Peer& peer) { return peer.id == id; });
}

Bytes encode(const Configuration& configuration) {
  Writer w;
  w.u8(1);
  w.u32(static_cast<std::uint32_t>(configuration.peers.size()));
  for (const auto& peer : configuration.peers) {
    w.string(peer.id.text);
    w.string(peer.address);
    w.boolean(peer.voter);
  }
  return w.take();
}

Result<Configuration> decode_configuration(ByteView bytes) {
  Reader r(bytes);
  TRY(const auto version, r.u8());
  if (version != 1) return Error{Errc::corrupt, "configuration version " + std::to_string(version)};
  TRY(const auto count, r.u32());
  if (count > limits::kRaftPeersMax)
    return Error{Errc::corrupt, "configuration of " + std::to_string(count) + " peers"};
  Configuration out;
  for (std::uint32_t i = 0; i < count; ++i) {
    Peer peer;
    TRY(peer.id.text, r.string(limits::kIdBytesMax));
    TRY(peer.address, r.string(limits::kIdBytesMax));
    TRY(peer.voter, r.boolean());
    if (!out.peers.empty() && !(out.peers.back().id < peer.id))
      return Error{Errc::corrupt, "configuration peers are not in order"};
    out.peers.push_back(std::move(peer));
  }
  TRY(r.end());
  return out;
}

}  // namespace core::raft
