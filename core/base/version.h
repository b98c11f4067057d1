// SPDX-License-Identifier: MPL-2.0
// What this build calls itself: to clients, to other agents, and on the command line.
#pragma once

#include <string_view>

namespace core {

// The release whose documentation this agent follows.
inline constexpr std::string_view kVersion = "0.1.2";

}  // namespace core
