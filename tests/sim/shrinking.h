// SPDX-License-Identifier: MPL-2.0
// Looks for the shortest history of a seed that still breaks the same truth: trouble that ends sooner, and
// only the faults it takes. Each try is a whole run in a process of its own.
#pragma once

#include <cstdint>
#include <string>

#include "tests/sim/setup.h"

namespace sim {

struct Shrunk {
  Setup setup;                // replays it, with the same seed
  std::size_t of = 0;         // planned faults, of which setup.only are left
  std::size_t tries = 0;
  std::string broken;         // in the shrunk history
};

// Runs a seed, and a second time if need be, and returns what broke.
using RunSeed = std::string (*)(std::uint64_t seed, const Setup& setup);
// `planned`: how many faults the seed plans.
Shrunk shrink(RunSeed run, std::uint64_t seed, Setup setup, std::size_t planned, const std::string& broken);
// What one breach has in common with another of the same truth: all but its numbers.
std::string truth_of(const std::string& broken);
// The arguments that replay it.
std::string arguments(std::uint64_t seed, const Setup& setup);

}  // namespace sim
