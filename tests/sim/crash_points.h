// SPDX-License-Identifier: MPL-2.0
// Crashes at every change on disk: a short history on one server is run once, and before each write,
// sync, rename, resize and removal the disk is copied as a power cut just then could leave it, in each of
// the ways to lose what was not synced. Every copy must recover to what was acknowledged: no refusal, no
// lost or other entry (I4, I15), a state that agrees with its log (I8) and with a replay of it (I7). Now
// and then the power goes again in the middle of the recovery.
#pragma once

#include <cstdint>
#include <string>

namespace sim {

// Empty if all recovered. Prints how many points, variants and recoveries that were.
std::string crash_everywhere(std::uint64_t seed);

}  // namespace sim
