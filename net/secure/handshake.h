// SPDX-License-Identifier: MPL-2.0
// Mutual authentication by a shared cluster key, with fresh session keys, without I/O. See
// docs/formats/rpc.md for the bytes.
//
//   initiator                         responder
//     ephemeral key, proof     ──>                     proof: a keyed hash under the cluster key
//                              <──   ephemeral key, stream header, confirmation
//     stream header, confirmation ──>
//
// Both ephemeral keys, both confirmations and the context are in one transcript, so a message from
// another session, or one sent back to its sender, proves nothing. Session keys depend on the
// X25519 exchange: who learns the cluster key later cannot read what was recorded.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "net/secure/channel.h"
#include "net/secure/keys.h"

namespace net::secure {

class Handshake {
 public:
  enum class Side { initiator, responder };

  // `context` is bound in: both sides must mean the same protocol. The initiator proves itself with the primary
  // key; the responder accepts any key of the ring.
  Handshake(Side side, const Keyring& keys, std::string_view context);
  Handshake(Handshake&&) noexcept;
  ~Handshake();

  // The initiator's first message. REQUIRES: initiator, called once.
  core::Bytes start();
  // The peer's next message; returns what to send back, empty if nothing. Errc::denied: the peer does not
  // know the cluster key; corrupt: not a message of the handshake. Of no use after an error.
  core::Result<core::Bytes> receive(core::ByteView message);
  bool done() const;
  // REQUIRES: done(), called once.
  Channel take_channel();
  // The key that both sides have proved to hold. REQUIRES: done().
  const Key& agreed() const;

  struct State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace net::secure
