// SPDX-License-Identifier: MPL-2.0
// Explores histories. Each seed draws its options, runs under faults, heals and is checked. Every fourth
// seed runs twice, and the two runs must be the same to the last byte.
//   sim --seeds 200 [--from 1]     these seeds, ends with "N passed, N failed"
//   sim --seed 4711                replays one and says what happens in it
//   sim --crash-points 20          so many short histories, crashed at every change on disk
// --servers N: that many instead of one. --jobs N: so many processes at once. --failures N: stops after so
// many seeds that failed.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>

#include "tests/sim/crash_points.h"
#include "tests/sim/history.h"
#include "tests/sim/pool.h"

namespace {

constexpr std::uint64_t kTwiceEvery = 4;

struct Asked {
  std::uint64_t seeds = 200, from = 1, servers = 1, jobs = std::max(1u, std::thread::hardware_concurrency());
  std::uint64_t failures = UINT64_MAX;
  std::uint64_t seed = 0;          // not 0: only this one
  std::uint64_t crash_points = 0;  // not 0: these instead
};

Asked read_arguments(int argc, char** argv) {
  Asked asked;
  const auto take = [&](int i, const char* name, std::uint64_t& into) {
    if (std::strcmp(argv[i], name) == 0) into = std::strtoull(argv[i + 1], nullptr, 10);
  };
  for (int i = 1; i + 1 < argc; i += 2) {
    take(i, "--seeds", asked.seeds);
    take(i, "--from", asked.from);
    take(i, "--seed", asked.seed);
    take(i, "--servers", asked.servers);
    take(i, "--jobs", asked.jobs);
    take(i, "--failures", asked.failures);
    take(i, "--crash-points", asked.crash_points);
  }
  return asked;
}

std::string run_seed(std::uint64_t seed, std::uint64_t servers) {
  const auto first = sim::History(seed, servers, false).run();
  if (!first.broken.empty() || seed % kTwiceEvery != 0) return first.broken;
  const auto second = sim::History(seed, servers, false).run();
  return first.history == second.history ? "" : "two runs of the seed differ";
}

int replay(const Asked& asked) {
  const auto outcome = sim::History(asked.seed, asked.servers, true).run();
  std::printf("seed %lu: %lu entries, %lu acknowledged, %lu reads, %lu faults, history %s\n", asked.seed, outcome.entries,
              outcome.acknowledged, outcome.reads, outcome.faults, core::to_hex(outcome.history).c_str());
  if (!outcome.broken.empty()) std::printf("seed %lu: %s\n", asked.seed, outcome.broken.c_str());
  const bool good = outcome.broken.empty();
  std::printf("%d passed, %d failed\n", good ? 1 : 0, good ? 0 : 1);
  return good ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const auto asked = read_arguments(argc, argv);
  if (asked.seed != 0) return replay(asked);
  const bool points = asked.crash_points != 0;
  const auto count = points ? asked.crash_points : asked.seeds;
  const auto tally = sim::run_jobs(
      {asked.from, asked.from + count - 1, static_cast<unsigned>(asked.jobs), asked.failures},
      [&](std::uint64_t seed) { return points ? sim::crash_everywhere(seed) : run_seed(seed, asked.servers); },
      [&](std::uint64_t seed, const std::string& wrong) {
        std::printf("seed %lu: %s\n", seed, wrong.c_str());
        if (points) std::printf("  replay with: build/release/sim --crash-points 1 --from %lu\n", seed);
        else std::printf("  replay with: make sim SEED=%lu%s\n", seed, asked.servers == 1 ? "" : (" SERVERS=" + std::to_string(asked.servers)).c_str());
      });
  std::printf("%lu passed, %lu failed\n", tally.passed, tally.failed);
  return tally.failed == 0 ? 0 : 1;
}
