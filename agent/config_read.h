// SPDX-License-Identifier: MPL-2.0
// One configuration text, HCL1 or JSON, as a layer: only what it says is set. Unknown keys, repeated
// blocks and values of a wrong type are errors with their place.
#pragma once

#include "agent/config.h"
#include "core/jobspec/reader.h"

namespace agent::config {

core::Result<Config> parse(std::string_view text, std::string_view filename);

// The blocks, one function each.
void read_server(core::jobspec::BodyReader& in, Server& out);
void read_client(core::jobspec::BodyReader& in, Client& out);
void read_telemetry(core::jobspec::BodyReader& in, Telemetry& out);
void read_acl(core::jobspec::BodyReader& in, Acl& out);
void read_tls(core::jobspec::BodyReader& in, Tls& out);
void read_consul(core::jobspec::BodyReader& in, Consul& out);
void read_vault(core::jobspec::BodyReader& in, Vault& out);
void read_autopilot(core::jobspec::BodyReader& in, Autopilot& out);
void read_limits(core::jobspec::BodyReader& in, Limits& out);
void read_atlas(core::jobspec::BodyReader& in, Atlas& out);
void read_atlas_rendezvous(core::jobspec::BodyReader& in, AtlasRendezvous& out);
void read_plugin(core::jobspec::BodyReader& in, Plugin& out);

}  // namespace agent::config
