// SPDX-License-Identifier: MPL-2.0
// Commands as RPC carries them: the number of the method and the JSON of the fields.
#pragma once

#include <cstdint>

#include "core/server/types.h"

namespace core::server {

struct WireCommand {
  std::uint16_t method = 0;
  Bytes body;
};
WireCommand to_wire(const Command& command);
// Errc::unsupported: no command has this number. Other errors name the field.
Result<Command> command_from_wire(std::uint16_t method, ByteView body);

}  // namespace core::server
