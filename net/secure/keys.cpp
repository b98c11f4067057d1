// SPDX-License-Identifier: MPL-2.0
#include "net/secure/keys.h"

#include <sodium.h>

#include <algorithm>

namespace net::secure {
namespace {

void ready() {
  static const bool initialised = sodium_init() >= 0;
  ASSERT(initialised);
}

std::string to_base64(const unsigned char* bytes, std::size_t size) {
  std::string out(sodium_base64_encoded_len(size, sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(out.data(), out.size(), bytes, size, sodium_base64_VARIANT_ORIGINAL);
  out.pop_back();  // the terminating zero
  return out;
}

}  // namespace

Key::~Key() {
  sodium_memzero(bytes_.data(), bytes_.size());
  sodium_memzero(given_.data(), given_.size());
}
bool operator==(const Key& a, const Key& b) { return sodium_memcmp(a.data(), b.data(), kKeyBytes) == 0; }

void Keyring::add(const Key& key) {
  if (std::find(keys_.begin(), keys_.end(), key) == keys_.end()) keys_.push_back(key);
}

core::Status Keyring::use(const Key& key) {
  const auto found = std::find(keys_.begin(), keys_.end(), key);
  if (found == keys_.end()) return core::Error{core::Errc::not_found, "requested key is not in the keyring"};
  std::rotate(keys_.begin(), found, found + 1);
  return core::ok_status();
}

core::Status Keyring::remove(const Key& key) {
  if (key == primary()) return core::Error{core::Errc::rejected, "removing the primary key is not allowed"};
  const auto found = std::find(keys_.begin(), keys_.end(), key);
  if (found == keys_.end()) return core::Error{core::Errc::not_found, "requested key is not in the keyring"};
  keys_.erase(found);
  return core::ok_status();
}

core::Bytes random_bytes(std::size_t n) {
  ready();
  core::Bytes out(n, '\0');
  randombytes_buf(out.data(), n);
  return out;
}

std::uint64_t random_seed() {
  ready();
  std::uint64_t seed = 0;
  randombytes_buf(&seed, sizeof seed);
  return seed;
}

std::string random_uuid() {
  auto bytes = random_bytes(16);
  bytes[6] = static_cast<char>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out.push_back('-');
    const auto byte = static_cast<unsigned char>(bytes[i]);
    out.push_back(kHex[byte >> 4]);
    out.push_back(kHex[byte & 15]);
  }
  return out;
}

std::string generate_key() {
  const auto bytes = random_bytes(kKeyBytes);
  return to_base64(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

core::Result<Key> parse_key(std::string_view base64) {
  ready();
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const auto digits = std::min(base64.find_first_not_of(kDigits), base64.size());
  const core::Error malformed{core::Errc::invalid, "illegal base64 data at input byte " + std::to_string(digits)};
  const core::Error missized{core::Errc::invalid, "key size must be 16, 24 or 32 bytes"};
  if (base64.size() % 4 != 0) return malformed;
  if (base64.size() > sodium_base64_encoded_len(kKeyBytes, sodium_base64_VARIANT_ORIGINAL)) return digits == base64.size() ? missized : malformed;
  Key key(std::array<unsigned char, kKeyBytes>{});
  const char* end = nullptr;
  if (sodium_base642bin(key.given_.data(), key.given_.size(), base64.data(), base64.size(), nullptr, &key.given_bytes_, &end,
                        sodium_base64_VARIANT_ORIGINAL) != 0 || end != base64.data() + base64.size())
    return malformed;
  if (key.given_bytes_ != 16 && key.given_bytes_ != 24 && key.given_bytes_ != kKeyBytes) return missized;
  if (key.given_bytes_ == kKeyBytes) key.bytes_ = key.given_;
  else crypto_generichash(key.bytes_.data(), key.bytes_.size(), key.given_.data(), key.given_bytes_, nullptr, 0);
  return key;
}

Key public_key_of(std::string_view cluster) {
  ready();
  constexpr std::string_view kContext = "nomad cluster without a key 1";
  std::array<unsigned char, kKeyBytes> raw{};
  crypto_generichash(raw.data(), raw.size(), reinterpret_cast<const unsigned char*>(cluster.data()), cluster.size(),
                     reinterpret_cast<const unsigned char*>(kContext.data()), kContext.size());
  return Key(raw);
}

std::string format_key(const Key& key) { return to_base64(key.given_.data(), key.given_bytes_); }

std::string secret_digest(std::string_view secret) {
  ready();
  constexpr std::string_view kContext = "nomad token digest 1";
  std::array<unsigned char, 32> digest{};
  crypto_generichash(digest.data(), digest.size(), reinterpret_cast<const unsigned char*>(secret.data()), secret.size(),
                     reinterpret_cast<const unsigned char*>(kContext.data()), kContext.size());
  std::string out(digest.size() * 2 + 1, '\0');
  sodium_bin2hex(out.data(), out.size(), digest.data(), digest.size());
  out.pop_back();
  return out;
}

bool same_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace net::secure
