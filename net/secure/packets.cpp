// SPDX-License-Identifier: MPL-2.0
#include "net/secure/packets.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>

#include "net/secure/channel_state.h"

namespace net::secure {
namespace {

constexpr char kVersion = 1;
// The nonce is sender, session and number: nobody seals twice under the same one.
constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(kNonceBytes == 3 * sizeof(std::uint64_t));
static_assert(kPacketOverheadBytes == 1 + kNonceBytes + kTagBytes);

std::uint64_t word_at(const unsigned char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}

}  // namespace

bool ReplayWindow::take(std::uint64_t session, std::uint64_t number) {
  if (session < session_) return false;
  if (session > session_) {
    session_ = session;
    newest_ = number;
    seen_.fill(0);
  }
  if (number > newest_) {
    const auto ahead = std::min(number - newest_, kSpan);
    for (std::uint64_t n = 1; n <= ahead; ++n) seen_[(newest_ + n) % kSpan / 64] &= ~(std::uint64_t{1} << (newest_ + n) % 64);
    if (ahead == kSpan) seen_.fill(0);
    newest_ = number;
  } else if (newest_ - number >= kSpan) {
    return false;
  }
  auto& word = seen_[number % kSpan / 64];
  const auto bit = std::uint64_t{1} << number % 64;
  if ((word & bit) != 0) return false;
  word |= bit;
  return true;
}

Packets::Packets(Keyring keys, Options options) : keys_(std::move(keys)), options_(std::move(options)), associated_(1, kVersion) {
  associated_ += options_.cluster;
}

core::Bytes Packets::seal(core::ByteView packet) {
  core::Bytes out(packet.size() + kPacketOverheadBytes, '\0');
  out[0] = kVersion;
  const std::uint64_t nonce[] = {options_.sender, options_.session, next_number_++};
  std::memcpy(out.data() + 1, nonce, sizeof nonce);
  auto* at = bytes_of(out) + 1;
  crypto_aead_xchacha20poly1305_ietf_encrypt(at + kNonceBytes, nullptr, bytes_of(packet), packet.size(), bytes_of(associated_),
                                             associated_.size(), nullptr, at, keys_.primary().data());
  return out;
}

core::Result<core::Bytes> Packets::open(core::ByteView sealed) {
  if (sealed.size() < kPacketOverheadBytes) return core::Error{core::Errc::corrupt, "too short to be sealed"};
  if (sealed[0] != kVersion) return core::Error{core::Errc::unsupported, "sealed in another version"};
  const auto* nonce = bytes_of(sealed) + 1;
  const auto sender = word_at(nonce);
  if (sender == options_.sender) return core::Error{core::Errc::denied, "sealed by ourselves"};
  core::Bytes packet(sealed.size() - kPacketOverheadBytes, '\0');
  const auto opens = [&](const Key& key) {
    return crypto_aead_xchacha20poly1305_ietf_decrypt(bytes_of(packet), nullptr, nullptr, nonce + kNonceBytes,
                                                      sealed.size() - 1 - kNonceBytes, bytes_of(associated_), associated_.size(), nonce,
                                                      key.data()) == 0;
  };
  if (!std::any_of(keys_.keys().begin(), keys_.keys().end(), opens))
    return core::Error{core::Errc::denied, "of another cluster, or sealed under no key of ours"};
  TRY(admit(sender, word_at(nonce + 8), word_at(nonce + 16)));
  return packet;
}

core::Status Packets::admit(std::uint64_t sender, std::uint64_t session, std::uint64_t number) {
  if (windows_.size() >= options_.senders_max && !windows_.contains(sender)) {
    const auto heard_before = [](const auto& a, const auto& b) { return a.second.heard < b.second.heard; };
    windows_.erase(std::min_element(windows_.begin(), windows_.end(), heard_before));
  }
  auto& known = windows_[sender];
  known.heard = ++opened_;
  if (known.window.take(session, number)) return core::ok_status();
  return core::Error{core::Errc::conflict, "opened before, or too old"};
}

}  // namespace net::secure
