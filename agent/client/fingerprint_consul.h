// SPDX-License-Identifier: MPL-2.0
// What the host's Consul agent says of itself, as attributes of the node and the link to its entry in the catalog. Not
// among the fingerprints of fingerprint.h, since it comes and goes while the node runs.
#pragma once

#include <optional>

#include "agent/discovery/consul_messages.h"
#include "core/model/node.h"

namespace agent::client {

// Nothing: Consul does not answer, and nothing of it stays. Whether this changed the node.
bool fingerprint_consul(const std::optional<discovery::ConsulSelf>& consul, core::model::Node& node);

}  // namespace agent::client
