// SPDX-License-Identifier: MPL-2.0
// Digests and UUIDs. MD5 (RFC 1321) and SHA-1 (RFC 3174) are written out here because job files use
// them for names and libsodium has neither; nothing else may.
#include <array>
#include <bit>
#include <cmath>

#include "core/base/digest.h"
#include "core/base/id.h"
#include "core/jobspec/functions.h"

namespace core::jobspec {
namespace {

// Text padded to whole 64-byte blocks with its length in bits at the end, as both digests want it.
std::string padded(std::string_view text, bool big_endian) {
  std::string out(text);
  out += '\x80';
  out.resize((out.size() + 8 + 63) / 64 * 64 - 8, '\0');
  const std::uint64_t bits = static_cast<std::uint64_t>(text.size()) * 8;
  for (unsigned i = 0; i < 8; ++i) out += static_cast<char>(bits >> (big_endian ? 56 - 8 * i : 8 * i));
  return out;
}

std::uint32_t word(std::string_view block, std::size_t i, bool big_endian) {
  std::uint32_t w = 0;
  for (std::size_t k = 0; k < 4; ++k)
    w |= static_cast<std::uint32_t>(static_cast<unsigned char>(block[4 * i + k]))
         << (big_endian ? 24 - 8 * k : 8 * k);
  return w;
}

template <std::size_t N>
std::string bytes_of(const std::array<std::uint32_t, N>& words, bool big_endian) {
  std::string out;
  for (const auto w : words)
    for (unsigned k = 0; k < 4; ++k) out += static_cast<char>(w >> (big_endian ? 24 - 8 * k : 8 * k));
  return out;
}

std::string md5(std::string_view text) {
  static constexpr std::array<std::array<int, 4>, 4> kTurns = {
      {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}}};
  std::array<std::uint32_t, 64> sines;
  for (std::size_t i = 0; i < 64; ++i)
    sines[i] = static_cast<std::uint32_t>(
        std::floor(std::fabs(std::sin(static_cast<double>(i + 1))) * 4294967296.0));
  std::array<std::uint32_t, 4> state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
  const auto message = padded(text, false);
  for (std::size_t at = 0; at < message.size(); at += 64) {
    const std::string_view block(message.data() + at, 64);
    auto [a, b, c, d] = state;
    for (std::size_t i = 0; i < 64; ++i) {
      const auto round = i / 16;
      const std::uint32_t f = round == 0   ? (b & c) | (~b & d)
                              : round == 1 ? (d & b) | (~d & c)
                              : round == 2 ? b ^ c ^ d
                                           : c ^ (b | ~d);
      const auto k = round == 0   ? i
                     : round == 1 ? (5 * i + 1) % 16
                     : round == 2 ? (3 * i + 5) % 16
                                  : 7 * i % 16;
      const auto next = b + std::rotl(a + f + sines[i] + word(block, k, false), kTurns[round][i % 4]);
      a = d, d = c, c = b, b = next;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d;
  }
  return bytes_of(state, false);
}

std::string sha1(std::string_view text) {
  std::array<std::uint32_t, 5> state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  const auto message = padded(text, true);
  for (std::size_t at = 0; at < message.size(); at += 64) {
    const std::string_view block(message.data() + at, 64);
    std::array<std::uint32_t, 80> w;
    for (std::size_t i = 0; i < 80; ++i)
      w[i] = i < 16 ? word(block, i, true) : std::rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    auto [a, b, c, d, e] = state;
    for (std::size_t i = 0; i < 80; ++i) {
      const auto round = i / 20;
      const std::uint32_t f = round == 0   ? (b & c) | (~b & d)
                              : round == 2 ? (b & c) | (b & d) | (c & d)
                                           : b ^ c ^ d;
      static constexpr std::uint32_t kAdd[] = {0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6};
      const auto next = std::rotl(a, 5) + f + e + kAdd[round] + w[i];
      e = d, d = c, c = std::rotl(b, 30), b = a, a = next;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d, state[4] += e;
  }
  return bytes_of(state, true);
}

std::string as_uuid(std::string_view bytes) {
  auto text = hex(bytes.substr(0, 16));
  for (const std::size_t at : {8, 13, 18, 23}) text.insert(at, "-");
  return text;
}

// RFC 4122 §4.3: SHA-1 of the namespace's bytes and the name.
Result<Value> uuid_v5(Args args, const Outside&) {
  TRY(const auto space, text_at(args, 0));
  TRY(const auto name, text_at(args, 1));
  std::string wanted = space;
  static constexpr std::pair<std::string_view, std::string_view> kSpaces[] = {
      {"dns", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"},
      {"url", "6ba7b811-9dad-11d1-80b4-00c04fd430c8"},
      {"oid", "6ba7b812-9dad-11d1-80b4-00c04fd430c8"},
      {"x500", "6ba7b814-9dad-11d1-80b4-00c04fd430c8"}};
  for (const auto& [word, id] : kSpaces)
    if (space == word) wanted = id;
  if (!is_uuid(wanted)) return bad_argument("the namespace is dns, url, oid, x500 or a UUID");
  std::erase(wanted, '-');
  std::string raw;
  for (std::size_t i = 0; i < wanted.size(); i += 2) {
    const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
    raw += static_cast<char>(digit(wanted[i]) * 16 + digit(wanted[i + 1]));
  }
  auto hash = sha1(raw + name);
  hash[6] = static_cast<char>((hash[6] & 0x0f) | 0x50);
  hash[8] = static_cast<char>((hash[8] & 0x3f) | 0x80);
  return Value(as_uuid(hash));
}

template <class Hash>
Result<Value> hexed(Args args, Hash hash) {
  TRY(const auto text, text_at(args, 0));
  return Value(hex(hash(text)));
}

constexpr Function kFunctions[] = {
    {"md5", 1, 1, [](Args args, const Outside&) { return hexed(args, md5); }},
    {"sha1", 1, 1, [](Args args, const Outside&) { return hexed(args, sha1); }},
    {"sha256", 1, 1, [](Args args, const Outside&) { return hexed(args, sha256); }},
    {"sha512", 1, 1, [](Args args, const Outside&) { return hexed(args, sha512); }},
    {"uuidv4", 0, 0,
     [](Args, const Outside& outside) -> Result<Value> {
       if (outside.rng == nullptr) return bad_argument("random values are not available here");
       return Value(make_uuid(*outside.rng));
     }},
    {"uuidv5", 2, 2, uuid_v5},
};

}  // namespace

std::span<const Function> hash_functions() { return kFunctions; }

}  // namespace core::jobspec
