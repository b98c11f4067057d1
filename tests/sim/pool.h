// SPDX-License-Identifier: MPL-2.0
// Runs numbered jobs in child processes, as many at once as asked for. A child that dies in a job (an
// assertion, a sanitizer) is a job that failed, and nothing of one job can leak into the next.
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

// A job returns what went wrong, or nothing. For one that dies it is what it last wrote to stderr.
using Job = std::function<std::string(std::uint64_t number)>;

// Calls job(n) for each n in [first, last]. `report` is called in this process, in no particular order, for
// each that failed; a line of progress goes to stderr, and so does what dying jobs wrote there.
Tally run_jobs(const Jobs& jobs, const Job& job, const std::function<void(std::uint64_t, const std::string&)>& report);
// One job in a child, whose stderr is not shown.
std::string run_in_child(const Job& job, std::uint64_t number);

}  // namespace sim
