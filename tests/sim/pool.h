// SPDX-License-Identifier: MPL-2.0
// Runs numbered jobs in child processes, as many at once as asked for. A child that dies in a job (an
// assertion, a sanitizer) is a job that failed, and another child takes its place.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace sim {

struct Tally {
  std::uint64_t passed = 0, failed = 0;
};

struct Jobs {
  std::uint64_t first = 1, last = 1;
  unsigned processes = 1;
  std::uint64_t failures_max = UINT64_MAX;  // once so many failed no other is begun
};

// Calls job(n) for each n in [first, last]; what it returns, if not empty, went wrong. `report` is called
// in this process, in no particular order, for each that failed; a line of progress goes to stderr.
Tally run_jobs(const Jobs& jobs, const std::function<std::string(std::uint64_t)>& job,
               const std::function<void(std::uint64_t, const std::string&)>& report);

}  // namespace sim
