// SPDX-License-Identifier: MPL-2.0
#include "core/base/digest.h"

#include <sodium/crypto_generichash.h>
#include <sodium/crypto_hash_sha256.h>
#include <sodium/crypto_hash_sha512.h>
#include <sodium/crypto_shorthash_siphash24.h>

#include <algorithm>

#include "core/base/assert.h"

namespace core {
namespace {

class Hasher {
 public:
  Hasher() { ASSERT(crypto_generichash_init(&state_, nullptr, 0, sizeof(Digest::bytes)) == 0); }
  void add(ByteView part) {
    crypto_generichash_update(&state_, reinterpret_cast<const unsigned char*>(part.data()), part.size());
  }
  Digest finish() {
    Digest out;
    crypto_generichash_final(&state_, out.bytes.data(), out.bytes.size());
    return out;
  }

 private:
  crypto_generichash_state state_;
};

}  // namespace

Digest Digest::from(ByteView raw) {
  Digest out;
  ASSERT(raw.size() == out.bytes.size());
  std::copy(raw.begin(), raw.end(), out.bytes.begin());
  return out;
}

Digest digest(std::initializer_list<ByteView> parts) {
  Hasher hasher;
  for (const auto part : parts) hasher.add(part);
  return hasher.finish();
}

Digest chain(const Digest& previous, std::initializer_list<ByteView> parts) {
  Hasher hasher;
  hasher.add(previous.view());
  for (const auto part : parts) hasher.add(part);
  return hasher.finish();
}

std::uint64_t checksum(ByteView bytes) {
  constexpr unsigned char kKey[crypto_shorthash_siphash24_KEYBYTES] = {};
  std::array<unsigned char, crypto_shorthash_siphash24_BYTES> out;
  crypto_shorthash_siphash24(out.data(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), kKey);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < out.size(); ++i) sum |= static_cast<std::uint64_t>(out[i]) << (8 * i);
  return sum;
}

std::string to_hex(const Digest& d) { return hex(d.view()); }

Bytes sha256(ByteView bytes) {
  Bytes out(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(out.data()),
                     reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  return out;
}

Bytes sha512(ByteView bytes) {
  Bytes out(crypto_hash_sha512_BYTES, '\0');
  crypto_hash_sha512(reinterpret_cast<unsigned char*>(out.data()),
                     reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  return out;
}

std::string hex(ByteView bytes) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    out.push_back(kHex[static_cast<unsigned char>(c) >> 4]);
    out.push_back(kHex[static_cast<unsigned char>(c) & 0xf]);
  }
  return out;
}

}  // namespace core
