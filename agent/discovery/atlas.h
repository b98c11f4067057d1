// SPDX-License-Identifier: MPL-2.0
// What the settings `atlas` and `atlas_rendezvous` come to.
#pragma once

#include <optional>
#include <string>

#include "agent/config.h"
#include "agent/discovery/http_service.h"
#include "agent/discovery/rendezvous_messages.h"

namespace agent::discovery {

// Where this server goes, and what it says there; nothing: no infrastructure or no endpoint is given, or this agent
// is no server.
struct AtlasVisit {
  HttpService::Options where;
  RendezvousVisit own;
};
std::optional<AtlasVisit> atlas_visit(const config::Config& config);

// What visitors of this agent show; nothing: it offers no rendezvous.
std::optional<std::string> rendezvous_token(const config::Config& config);

}  // namespace agent::discovery
