// SPDX-License-Identifier: MPL-2.0
// The keys of gossip as a server keeps them: `serf.keyring` in its directory, a JSON array of keys in base64 with
// the primary one first. Once there is such a file, it says which keys there are, and not the configuration.
//
// All of it blocks. A file that holds no keyring is Errc::invalid, never told with what it holds.
#pragma once

#include <optional>
#include <string>

#include "core/base/log.h"
#include "net/secure/keys.h"
#include "store/env.h"

namespace agent::server {

// What does not open is tried under all of them.
inline constexpr std::size_t kKeyringKeysMax = 32;
// Errc::busy: more than that.
core::Status check_size(const net::secure::Keyring& keys);

std::string keyring_path(const std::string& directory);
bool has_keyring(const std::string& directory);

core::Bytes encode(const net::secure::Keyring& keys);
core::Result<net::secure::Keyring> decode_keyring(core::ByteView text);

// Durable when it returns; nobody but the owner may read it.
core::Status write_keyring(store::Env& env, const std::string& path, const net::secure::Keyring& keys);

// The keyring a server starts with: the file's or, before there is one, of the key that was configured, which is
// written down then. Nothing: neither of them. REQUIRES: `directory` exists.
core::Result<std::optional<net::secure::Keyring>> open_keyring(store::Env& env, const std::string& directory, const std::string& configured,
                                                               const core::Logger& logger);

}  // namespace agent::server
