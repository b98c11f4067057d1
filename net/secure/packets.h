// SPDX-License-Identifier: MPL-2.0
// Single packets under a cluster's keyring (XChaCha20-Poly1305), for what may be lost, repeated or
// reordered on its way. See docs/formats/gossip.md for the bytes.
//
// A packet opens only if it was sealed under one of our keys, for our cluster, by somebody else, and not
// opened here before. Each sender numbers its packets within a session of its own; sessions follow each
// other by number, so that what was recorded in an earlier one does not open after a later one was heard.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "net/secure/keys.h"

namespace net::secure {

inline constexpr std::size_t kPacketOverheadBytes = 1 + 24 + 16;  // version; sender, session and number; tag

// Which numbers of one sender's session were seen, as far as the newest `kSpan` go; older ones count as seen.
class ReplayWindow {
 public:
  static constexpr std::uint64_t kSpan = 1024;

  // False if it was seen before; marks it as seen.
  bool take(std::uint64_t session, std::uint64_t number);

 private:
  std::uint64_t session_ = 0;
  std::uint64_t newest_ = 0;
  std::array<std::uint64_t, kSpan / 64> seen_{};
};

class Packets {
 public:
  struct Options {
    std::string cluster;        // not sent, but sealed in: packets of another one do not open
    std::uint64_t sender = 0;   // ours alone
    std::uint64_t session = 0;  // higher than in any earlier life, and in none the same as another sender's
    std::size_t senders_max = 16384;
  };
  Packets(Keyring keys, Options options);

  core::Bytes seal(core::ByteView packet);
  // Errc::corrupt: too short; unsupported: of another version; denied: sealed under another key or for another
  // cluster, changed, or our own; conflict: opened before, or too old to know.
  core::Result<core::Bytes> open(core::ByteView sealed);

  Keyring& keys() { return keys_; }
  std::size_t senders() const { return windows_.size(); }

 private:
  struct Sender {
    ReplayWindow window;
    std::uint64_t heard = 0;  // when, counted in packets
  };
  core::Status admit(std::uint64_t sender, std::uint64_t session, std::uint64_t number);

  Keyring keys_;
  Options options_;
  std::string associated_;
  std::uint64_t next_number_ = 0;
  std::uint64_t opened_ = 0;
  std::map<std::uint64_t, Sender> windows_;
};

}  // namespace net::secure
