// SPDX-License-Identifier: MPL-2.0
// What this agent proves itself with on RPC connections, as it is configured.
#pragma once

#include <memory>
#include <optional>

#include "agent/config.h"
#include "net/secure/credentials.h"

namespace agent::config {

// Nothing: this agent has no key. Errc::invalid: what is given is none, and validate() was not asked.
template <class T>
using MaybeKeyed = core::Result<std::optional<T>>;

// A server's `rpc_key`, or else the keys of gossip.
MaybeKeyed<net::secure::Keyring> rpc_keys(const Config& config, const std::optional<net::secure::Keyring>& gossip);
// With a client's `rpc_key`.
MaybeKeyed<net::secure::Credentials> client_credentials(const Config& config);

}  // namespace agent::config
