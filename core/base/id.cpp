// SPDX-License-Identifier: MPL-2.0
#include "core/base/id.h"

#include "core/base/rng.h"

namespace core {
namespace {

constexpr std::size_t kUuidLength = 36;
constexpr bool is_hyphen_place(std::size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

}  // namespace

std::string make_uuid(Rng& rng) {
  constexpr std::string_view kHex = "0123456789abcdef";
  const std::uint64_t words[2] = {rng.next(), rng.next()};
  std::string out(kUuidLength, '-');
  std::size_t nibble = 0;
  for (std::size_t i = 0; i < kUuidLength; ++i) {
    if (is_hyphen_place(i)) continue;
    auto value = (words[nibble / 16] >> (4 * (nibble % 16))) & 0xf;
    if (i == 14) value = 4;                  // version
    if (i == 19) value = (value & 3) | 8;    // variant
    out[i] = kHex[value];
    ++nibble;
  }
  return out;
}

bool is_uuid(std::string_view text) {
  if (text.size() != kUuidLength) return false;
  for (std::size_t i = 0; i < kUuidLength; ++i) {
    const char c = text[i];
    const bool fits = is_hyphen_place(i) ? c == '-' : (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    if (!fits) return false;
  }
  return true;
}

}  // namespace core
