// SPDX-License-Identifier: MPL-2.0
// Keys, secrets and true randomness (libsodium). A Key wipes itself; nothing here is ever logged.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace net::secure {

inline constexpr std::size_t kKeyBytes = 32;

class Key {
 public:
  explicit Key(const std::array<unsigned char, kKeyBytes>& bytes) : bytes_(bytes), given_(bytes) {}
  Key(const Key&) = default;
  Key& operator=(const Key&) = default;
  ~Key();

  const unsigned char* data() const { return bytes_.data(); }
  // In constant time.
  friend bool operator==(const Key& a, const Key& b);

 private:
  friend core::Result<Key> parse_key(std::string_view base64);
  friend std::string format_key(const Key& key);

  std::array<unsigned char, kKeyBytes> bytes_;
  std::array<unsigned char, kKeyBytes> given_;  // the key as its owner knows it: that many bytes
  std::size_t given_bytes_ = kKeyBytes;
};

// The keys a cluster accepts: the first seals, all of them open, so that a new key can be spread
// before it is used and an old one kept until everyone has the new.
class Keyring {
 public:
  explicit Keyring(Key primary) : keys_{primary} {}
  // Adds a key to open with; one that is there already is left where it is.
  void add(const Key& key);
  // Seals with this key from now on. Errc::not_found unless it was added.
  core::Status use(const Key& key);
  // Errc::not_found; rejected for the primary.
  core::Status remove(const Key& key);

  const Key& primary() const { return keys_.front(); }
  const std::vector<Key>& keys() const { return keys_; }  // primary first
  friend bool operator==(const Keyring&, const Keyring&) = default;

 private:
  std::vector<Key> keys_;
};

// From the operating system's generator.
core::Bytes random_bytes(std::size_t n);
std::uint64_t random_seed();
// A random UUID fit to be a secret (RFC 4122 §4.4).
std::string random_uuid();

// 32 random bytes in base64: what `operator keygen` prints.
std::string generate_key();
// Also takes keys of 16 and 24 bytes, as existing configurations have them, and stretches them. Errc::invalid in
// Nomad's words; the key is not among them.
core::Result<Key> parse_key(std::string_view base64);
// A key that everybody knows: for a cluster that was given none. What is sealed with it is safe from damage and
// from strangers' mistakes, not from strangers.
Key public_key_of(std::string_view cluster);
// The inverse of parse_key.
std::string format_key(const Key& key);

// 64 hex digits that tell two secrets apart and give neither away: what may be stored of a token.
std::string secret_digest(std::string_view secret);
// Compares in a time that does not depend on where they differ.
bool same_secret(std::string_view a, std::string_view b);

}  // namespace net::secure
