// SPDX-License-Identifier: MPL-2.0
// How Consul is asked, by the settings.
#pragma once

#include "agent/config_services.h"
#include "agent/discovery/http_service.h"

namespace agent::discovery {

// Errc::unsupported: it is to be spoken to in a way this agent cannot; invalid: the address is none.
core::Result<HttpService::Options> consul_options(const config::Consul& config);

}  // namespace agent::discovery
