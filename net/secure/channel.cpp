// SPDX-License-Identifier: MPL-2.0
#include "net/secure/channel.h"

#include "net/secure/channel_state.h"

namespace net::secure {
namespace {

constexpr unsigned char kPacketVersion = 1;
constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(kPacketOverheadBytes == 1 + kNonceBytes + kTagBytes);

}  // namespace

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

core::Bytes seal_packet(const Keyring& keys, core::ByteView packet) {
  core::Bytes out(1, static_cast<char>(kPacketVersion));
  out.append(random_bytes(kNonceBytes));
  out.resize(packet.size() + kPacketOverheadBytes);
  auto* at = bytes_of(out);
  // The version byte is authenticated with the packet.
  crypto_aead_xchacha20poly1305_ietf_encrypt(at + 1 + kNonceBytes, nullptr, bytes_of(packet), packet.size(), at, 1, nullptr, at + 1, keys.primary().data());
  return out;
}

core::Result<core::Bytes> open_packet(const Keyring& keys, core::ByteView sealed) {
  if (sealed.size() < kPacketOverheadBytes) return core::Error{core::Errc::denied, "packet too short to be sealed"};
  const auto* at = bytes_of(sealed);
  if (at[0] != kPacketVersion) return core::Error{core::Errc::unsupported, "sealed packet of another version"};
  core::Bytes packet(sealed.size() - kPacketOverheadBytes, '\0');
  for (const auto& key : keys.keys())
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(bytes_of(packet), nullptr, nullptr, at + 1 + kNonceBytes, sealed.size() - 1 - kNonceBytes, at, 1, at + 1, key.data()) == 0)
      return packet;
  return core::Error{core::Errc::denied, "packet does not open under any of our keys"};
}

}  // namespace net::secure
