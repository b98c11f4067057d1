// SPDX-License-Identifier: MPL-2.0
#include "core/gossip/types.h"

#include "core/base/assert.h"

namespace core::gossip {

std::string to_string(const Endpoint& endpoint) {
  const bool v6 = endpoint.ip.find(':') != std::string::npos;
  return (v6 ? "[" + endpoint.ip + "]" : endpoint.ip) + ":" + std::to_string(endpoint.port);
}

std::string_view to_string(Standing standing) {
  switch (standing) {
    case Standing::alive:
      return "alive";
    case Standing::leaving:
      return "leaving";
    case Standing::left:
      return "left";
    case Standing::failed:
      return "failed";
  }
  UNREACHABLE();
}

Standing Member::standing() const {
  if (condition == Condition::left) return Standing::left;
  if (condition == Condition::failed) return Standing::failed;
  return leaving ? Standing::leaving : Standing::alive;
}

}  // namespace core::gossip
