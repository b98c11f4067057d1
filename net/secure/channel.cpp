// SPDX-License-Identifier: MPL-2.0
#include "net/secure/channel.h"

#include "net/secure/channel_state.h"

namespace net::secure {
Channel::Channel(std::unique_ptr<State> state) : state_(std::move(state)) { ASSERT(state_ != nullptr); }
Channel::Channel(Channel&&) noexcept = default;
Channel& Channel::operator=(Channel&&) noexcept = default;
Channel::~Channel() = default;

void Channel::seal(core::ByteView message, core::Bytes& out) {
  const auto at = out.size();
  out.resize(at + message.size() + kOverheadBytes);
  const int status = crypto_secretstream_xchacha20poly1305_push(&state_->out, bytes_of(out) + at, nullptr, bytes_of(message), message.size(), nullptr, 0,
                                                                crypto_secretstream_xchacha20poly1305_TAG_MESSAGE);
  ASSERT(status == 0);
}

core::Result<core::Bytes> Channel::open(core::ByteView sealed) {
  const core::Error forged{core::Errc::corrupt, "message does not open under the session's key"};
  if (sealed.size() < kOverheadBytes) return forged;
  core::Bytes message(sealed.size() - kOverheadBytes, '\0');
  unsigned char tag = 0;
  if (crypto_secretstream_xchacha20poly1305_pull(&state_->in, bytes_of(message), nullptr, &tag, bytes_of(sealed), sealed.size(), nullptr, 0) != 0)
    return forged;
  if (tag != crypto_secretstream_xchacha20poly1305_TAG_MESSAGE) return forged;
  return message;
}

}  // namespace net::secure
