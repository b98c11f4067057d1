// SPDX-License-Identifier: MPL-2.0
// Linux capabilities by name, and the set that an isolated task may have.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace agent::client {

// What isolated tasks have unless they ask for more or less. Making device files is not among them:
// inside a task's root that would reach the host's disks.
const std::vector<std::string>& default_capabilities();
// (defaults that are allowed - drop) + add, as bits. Names in any case, with or without "CAP_"; "all"
// stands for every one. Errc::denied: "driver does not allow the following capabilities: ...".
core::Result<std::uint64_t> capability_set(const std::vector<std::string>& allowed, const std::vector<std::string>& add,
                                           const std::vector<std::string>& drop);

}  // namespace agent::client
