// SPDX-License-Identifier: MPL-2.0
#include "net/gossip_gate.h"

#include <utility>

#include "core/base/limits.h"

namespace net {
namespace {

constexpr std::size_t kPacketBytesMax = core::limits::kGossipPacketBytesMax + secure::kPacketOverheadBytes;

}  // namespace

GossipGate::GossipGate(secure::Keyring keys, secure::Packets::Options packets, core::Logger logger)
    : packets_(std::move(keys), std::move(packets)), refusals_(std::move(logger), "refused what came to the gossip port") {}

core::Result<core::Bytes> GossipGate::open(core::ByteView sealed, const std::string& source, core::Instant now) {
  auto opened = packets_.open(sealed);
  if (!opened.ok()) refuse(source, opened.error(), now);
  return opened;
}

core::Result<std::vector<core::gossip::Message>> GossipGate::open_packet(core::ByteView datagram, const std::string& source, core::Instant now) {
  auto decoded = [&]() -> core::Result<std::vector<core::gossip::Message>> {
    if (datagram.size() > kPacketBytesMax) return core::Error{core::Errc::too_large, "packet of " + std::to_string(datagram.size()) + " bytes"};
    TRY(const auto packet, packets_.open(datagram));
    return core::gossip::decode_packet(packet);
  }();
  if (!decoded.ok()) refuse(source, decoded.error(), now);
  return decoded;
}

core::Result<core::gossip::Exchanged> GossipGate::read_exchange(core::ByteView opened, const std::string& source, core::Instant now) {
  auto exchanged = core::gossip::decode_exchange(opened);
  if (!exchanged.ok()) refuse(source, exchanged.error(), now);
  return exchanged;
}

}  // namespace net
