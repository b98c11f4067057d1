// SPDX-License-Identifier: MPL-2.0
// When faults strike. That is planned before a history begins, and each draws from a generator of its own, so that one
// can be left out and the others stay what they were.
#pragma once

#include <vector>

#include "core/base/rng.h"
#include "core/base/time.h"

namespace sim {

struct Strike {
  core::Instant at;  // from the beginning of trouble
  std::uint64_t seed = 0;  // of all that it draws
};

// The strikes of a history that is in trouble for so long, each up to `pause` after the one before, in order of time.
std::vector<Strike> plan_strikes(core::Rng rng, core::Duration pause, core::Duration trouble);
// Only those, by number from 1.
std::vector<Strike> pick(const std::vector<Strike>& planned, const std::vector<std::size_t>& numbers);

}  // namespace sim
