// SPDX-License-Identifier: MPL-2.0
#include "tests/sim/strikes.h"

namespace sim {

std::vector<Strike> plan_strikes(core::Rng rng, core::Duration pause, core::Duration trouble) {
  std::vector<Strike> strikes;
  for (core::Instant at{rng.jitter(pause)}; at < core::Instant{trouble}; at += rng.jitter(pause)) strikes.push_back({at, rng.next()});
  return strikes;
}

std::vector<Strike> pick(const std::vector<Strike>& planned, const std::vector<std::size_t>& numbers) {
  std::vector<Strike> picked;
  for (const auto number : numbers)
    if (number >= 1 && number <= planned.size()) picked.push_back(planned[number - 1]);
  return picked;
}

}  // namespace sim
