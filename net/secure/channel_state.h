// SPDX-License-Identifier: MPL-2.0
// The two directions of a Channel, as the handshake leaves them. Private to net/secure.
#pragma once

#include <sodium.h>

#include "net/secure/channel.h"

namespace net::secure {

struct Channel::State {
  crypto_secretstream_xchacha20poly1305_state out;
  crypto_secretstream_xchacha20poly1305_state in;

  ~State() { sodium_memzero(this, sizeof *this); }
};

static_assert(crypto_secretstream_xchacha20poly1305_ABYTES == Channel::kOverheadBytes);

inline const unsigned char* bytes_of(core::ByteView view) { return reinterpret_cast<const unsigned char*>(view.data()); }
inline unsigned char* bytes_of(core::Bytes& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

}  // namespace net::secure
