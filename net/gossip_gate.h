// SPDX-License-Identifier: MPL-2.0
// Where what comes to a server's gossip port is let in or not: whatever does not open, does not decode or is too
// large goes no further. It is counted, and told at most once a minute for each source.
#pragma once

#include <string>
#include <vector>

#include "core/base/log.h"
#include "core/gossip/messages.h"
#include "net/refusals.h"
#include "net/secure/packets.h"

namespace net {

class GossipGate {
 public:
  GossipGate(secure::Keyring keys, secure::Packets::Options packets, core::Logger logger);

  core::Bytes seal(core::ByteView bytes) { return packets_.seal(bytes); }
  // What these return as an error is refused already. Errors are those of Packets and of the decoders.
  core::Result<core::Bytes> open(core::ByteView sealed, const std::string& source, core::Instant now);
  core::Result<std::vector<core::gossip::Message>> open_packet(core::ByteView datagram, const std::string& source, core::Instant now);
  // Of what was opened.
  core::Result<core::gossip::Exchanged> read_exchange(core::ByteView opened, const std::string& source, core::Instant now);

  void refuse(const std::string& source, const core::Error& why, core::Instant now) { refusals_.note(source, why, now); }
  std::uint64_t refused() const { return refusals_.count(); }
  secure::Keyring& keys() { return packets_.keys(); }

 private:
  secure::Packets packets_;
  Refusals refusals_;
};

}  // namespace net
