// SPDX-License-Identifier: MPL-2.0
// Where this agent's ports are: as bound on this host, and as others are told to reach them.
#pragma once

#include "agent/config.h"
#include "net/uv/address.h"

namespace agent::discovery {

struct Place {
  net::uv::HostPort bound, advertised;
};
struct OwnPlaces {
  Place http, rpc, serf;
};
OwnPlaces own_places(const config::Config& config);

}  // namespace agent::discovery
