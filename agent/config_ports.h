// SPDX-License-Identifier: MPL-2.0
// The ports of an agent where none is configured, and of a peer that is named without one.
#pragma once

#include <cstdint>

namespace agent::config {

inline constexpr std::uint16_t kHttpPort = 4646;
inline constexpr std::uint16_t kRpcPort = 4647;
inline constexpr std::uint16_t kSerfPort = 4648;

}  // namespace agent::config
