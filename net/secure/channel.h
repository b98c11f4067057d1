// SPDX-License-Identifier: MPL-2.0
// An encrypted, ordered channel between two peers (XChaCha20-Poly1305 secretstream, one key a
// direction): what was changed, left out, repeated or reordered does not open. Made by a Handshake.
//
// Gossip packets are sealed one by one, because they may be lost: packets.h.
#pragma once

#include <memory>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "net/secure/keys.h"

namespace net::secure {

class Channel {
 public:
  struct State;

  explicit Channel(std::unique_ptr<State> state);
  Channel(Channel&&) noexcept;
  Channel& operator=(Channel&&) noexcept;
  ~Channel();

  static constexpr std::size_t kOverheadBytes = 17;

  // Appends the sealed message to `out`.
  void seal(core::ByteView message, core::Bytes& out);
  // Errc::corrupt for anything but the peer's next message; the channel is of no use after that.
  core::Result<core::Bytes> open(core::ByteView sealed);

 private:
  std::unique_ptr<State> state_;
};

}  // namespace net::secure
