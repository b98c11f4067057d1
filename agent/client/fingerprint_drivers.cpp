// SPDX-License-Identifier: MPL-2.0
#include "agent/client/fingerprint.h"

namespace agent::client {

void fingerprint_drivers(const std::vector<Driver*>& drivers, core::WallTime now, Fingerprint& out) {
  for (auto* driver : drivers) {
    auto info = driver->fingerprint();
    info.update_time = {now};
    if (info.detected && info.healthy)
      for (const auto& [name, value] : info.attributes) out.attributes[name] = value;
    out.drivers.insert_or_assign(std::string(driver->name()), std::move(info));
  }
}

}  // namespace agent::client
