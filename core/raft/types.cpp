// SPDX-License-Identifier: MPL-2.0
#include "core/raft/types.h"

#include "core/base/binary.h"

namespace core::raft {
namespace {

constexpr std::size_t kPeersMax = 64;
constexpr std::size_t kTextMax = 512;

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
  if (count > kPeersMax) return Error{Errc::corrupt, "configuration of " + std::to_string(count) + " peers"};
  Configuration out;
  for (std::uint32_t i = 0; i < count; ++i) {
    Peer peer;
    TRY(peer.id.text, r.string(kTextMax));
    TRY(peer.address, r.string(kTextMax));
    TRY(peer.voter, r.boolean());
    if (!out.peers.empty() && !(out.peers.back().id < peer.id))
      return Error{Errc::corrupt, "configuration peers are not in order"};
    out.peers.push_back(std::move(peer));
  }
  TRY(r.end());
  return out;
}

}  // namespace core::raft
