// SPDX-License-Identifier: MPL-2.0
// What is asked of a history instead of being drawn from its seed.
#pragma once

#include <optional>
#include <vector>

#include "core/base/time.h"

namespace sim {

inline constexpr core::Duration kTrouble = std::chrono::seconds(20);

struct Setup {
  bool gossip = false;                            // members that gossip, instead of whole servers
  std::size_t servers = 0;                        // or members; 0: drawn
  std::optional<std::vector<std::size_t>> only;   // the strikes that happen, by number from 1; else all do
  core::Duration trouble = kTrouble;              // how long users and faults go on
  bool talk = false;
};

}  // namespace sim
