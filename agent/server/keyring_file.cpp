// SPDX-License-Identifier: MPL-2.0
#include "agent/server/keyring_file.h"

#include <filesystem>
#include <utility>
#include <vector>

#include "core/base/fields.h"
#include "core/base/limits.h"
#include "store/replace_file.h"

namespace agent::server {
namespace {

using core::Errc;
using core::Error;
using net::secure::Keyring;

constexpr std::uint64_t kBytesMax = 64 * core::limits::kKiB;

core::Result<Keyring> read_keyring(store::Env& env, const std::string& path) {
  TRY(auto file, env.open(path, store::Open::read));
  TRY(const auto size, file->size());
  if (size > kBytesMax) return Error{Errc::invalid, path + ": too large for a keyring"};
  TRY(const auto text, file->read_exactly(0, static_cast<std::size_t>(size)));
  auto keys = decode_keyring(text);
  if (!keys.ok()) return core::within(path, keys.error());
  return keys;
}

}  // namespace

core::Status check_size(const Keyring& keys) {
  if (keys.keys().size() > kKeyringKeysMax) return Error{Errc::busy, "the keyring is full; remove a key first"};
  return core::ok_status();
}

std::string keyring_path(const std::string& directory) { return directory + "/serf.keyring"; }

bool has_keyring(const std::string& directory) {
  std::error_code unknown;
  return std::filesystem::exists(keyring_path(directory), unknown);
}

core::Bytes encode(const Keyring& keys) {
  core::json::Writer w;
  w.begin_array();
  for (const auto& key : keys.keys()) w.string(format_key(key));
  w.end_array();
  return w.take() + "\n";
}

core::Result<Keyring> decode_keyring(core::ByteView text) {
  const auto listed = core::from_json<std::vector<std::string>>(text);
  // The parser's own words may quote what it read.
  if (!listed.ok() || listed->empty()) return Error{Errc::invalid, "not a keyring, which is a JSON array of keys in base64"};
  std::optional<Keyring> keys;
  for (std::size_t i = 0; i < listed->size(); ++i) {
    const auto key = net::secure::parse_key((*listed)[i]);
    if (!key.ok()) return core::within("key " + std::to_string(i + 1), key.error());
    if (!keys) keys.emplace(*key);
    else keys->add(*key);
  }
  if (!check_size(*keys).ok()) return Error{Errc::invalid, "more than " + std::to_string(kKeyringKeysMax) + " keys"};
  return std::move(*keys);
}

core::Status write_keyring(store::Env& env, const std::string& path, const Keyring& keys) {
  return store::replace_file(env, path, encode(keys));
}

core::Result<std::optional<Keyring>> open_keyring(store::Env& env, const std::string& directory, const std::string& configured,
                                                  const core::Logger& logger) {
  const auto path = keyring_path(directory);
  TRY(const bool there, env.exists(path));
  if (there) {
    if (!configured.empty()) LOG(logger, warn, "keyring exists but encrypt given, using keyring", {"path", path});
    TRY(auto keys, read_keyring(env, path));
    return std::optional(std::move(keys));
  }
  if (configured.empty()) return std::optional<Keyring>();
  TRY(const auto key, net::secure::parse_key(configured));
  Keyring keys(key);
  TRY(write_keyring(env, path, keys));
  return std::optional(std::move(keys));
}

}  // namespace agent::server
