// SPDX-License-Identifier: MPL-2.0
// BLAKE2b-128 over bytes, and chained: chain(previous, bytes) = H(previous || bytes). The chain of a
// log is at once an integrity check and a proof that two logs hold the same history up to an index.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <initializer_list>
#include <string>

#include "core/base/bytes.h"

namespace core {

struct Digest {
  std::array<std::uint8_t, 16> bytes{};

  friend auto operator<=>(const Digest&, const Digest&) = default;
  ByteView view() const { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
  // REQUIRES: raw.size() == 16.
  static Digest from(ByteView raw);
};

// The digest of the parts, in order, as if they were one string.
Digest digest(std::initializer_list<ByteView> parts);
// H(previous || parts).
Digest chain(const Digest& previous, std::initializer_list<ByteView> parts);
// 64 bits that say whether bytes are what they were (SipHash-2-4 under a fixed key): for chance, not for those who
// mean to deceive.
std::uint64_t checksum(ByteView bytes);
// 32 lower-case hex digits.
std::string to_hex(const Digest& d);

// Raw bytes of other hashes, for what the outside names by them. Never for our own formats.
Bytes sha256(ByteView bytes);
Bytes sha512(ByteView bytes);
// Lower-case hex digits, two a byte.
std::string hex(ByteView bytes);

}  // namespace core
