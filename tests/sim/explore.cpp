// SPDX-License-Identifier: MPL-2.0
// Explores histories. Each seed draws its options, runs under faults, heals and is checked. Every fourth
// seed runs twice, and the two runs must be the same to the last byte.
//   sim --seeds 200 [--from 1]     these seeds, ends with "N passed, N failed"
//   sim --seed 4711                replays one and says what happens in it
//   sim --crash-points 20          so many short histories, crashed at every change on disk
//   sim --gossip [--seeds 100]     members that gossip, instead of whole servers
//   sim --gossip-figures           how soon gossip notices what, what it costs, and a day of it
// --servers N: that many servers or members instead of as many as the seed draws. --jobs N: so many processes at once.
// --failures N: stops after so many seeds that failed. --shrink N: looks for a shorter history of so many of
// them. --only 3,7 and --trouble-ms N: only these of the seed's faults, and trouble for so long, as such a
// search prints them.
#include <malloc.h>
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>

#include "tests/sim/crash_points.h"
#include "tests/sim/gossip/figures.h"
#include "tests/sim/gossip/history.h"
#include "tests/sim/history.h"
#include "tests/sim/pool.h"
#include "tests/sim/shrinking.h"

namespace {

constexpr std::uint64_t kTwiceEvery = 4;

struct Asked {
  std::uint64_t seeds = 200, from = 1, servers = 0, jobs = std::max(1u, std::thread::hardware_concurrency());
  std::uint64_t failures = UINT64_MAX, shrink = 2;
  std::uint64_t seed = 0;          // not 0: only this one
  std::uint64_t crash_points = 0;  // not 0: these instead
  std::uint64_t trouble_ms = sim::kTrouble / std::chrono::milliseconds(1);
  std::string only;
  bool gossip = false, gossip_figures = false;

  sim::Setup setup(bool talk) const;
};

// Numbers with commas between; anything else stands for no fault.
std::vector<std::size_t> numbers(const std::string& text) {
  std::vector<std::size_t> out;
  for (std::size_t begin = 0; begin < text.size(); begin = std::min(text.find(',', begin), text.size() - 1) + 1)
    out.push_back(std::strtoull(text.c_str() + begin, nullptr, 10));
  return out;
}

sim::Setup Asked::setup(bool talk) const {
  sim::Setup out{.gossip = gossip, .servers = servers, .only = std::nullopt, .trouble = std::chrono::milliseconds(trouble_ms), .talk = talk};
  if (!only.empty()) out.only = numbers(only);
  return out;
}

Asked read_arguments(int argc, char** argv) {
  Asked asked;
  const auto take = [&](int i, const char* name, std::uint64_t& into) {
    if (std::strcmp(argv[i], name) == 0) into = std::strtoull(argv[i + 1], nullptr, 10);
  };
  for (int i = 1; i < argc; ++i) {
    const bool flag = std::strncmp(argv[i], "--gossip", 8) == 0;
    if (std::strcmp(argv[i], "--gossip") == 0) asked.gossip = true;
    if (std::strcmp(argv[i], "--gossip-figures") == 0) asked.gossip_figures = true;
    if (flag || i + 1 == argc) continue;
    take(i, "--seeds", asked.seeds);
    take(i, "--from", asked.from);
    take(i, "--seed", asked.seed);
    take(i, "--servers", asked.servers);
    take(i, "--jobs", asked.jobs);
    take(i, "--failures", asked.failures);
    take(i, "--shrink", asked.shrink);
    take(i, "--crash-points", asked.crash_points);
    take(i, "--trouble-ms", asked.trouble_ms);
    if (std::strcmp(argv[i], "--only") == 0) asked.only = argv[i + 1];
    ++i;
  }
  return asked;
}

template <class History>
std::string run_once_or_twice(std::uint64_t seed, const sim::Setup& setup) {
  const auto first = History(seed, setup).run();
  if (!first.broken.empty() || seed % kTwiceEvery != 0) return first.broken;
  const auto second = History(seed, setup).run();
  return first.history == second.history ? "" : "two runs of the seed differ";
}

std::string run_seed(std::uint64_t seed, const sim::Setup& setup) {
  return setup.gossip ? run_once_or_twice<sim::gossip::History>(seed, setup) : run_once_or_twice<sim::History>(seed, setup);
}

std::size_t planned_faults(std::uint64_t seed, const sim::Setup& setup) {
  return setup.gossip ? sim::gossip::History(seed, setup).planned().size() : sim::History(seed, setup).planned().size();
}

std::string words(const sim::Outcome& o) {
  return std::to_string(o.entries) + " entries, " + std::to_string(o.acknowledged) + " acknowledged, " + std::to_string(o.reads) + " reads, " +
         std::to_string(o.faults) + " faults";
}

std::string words(const sim::gossip::Outcome& o) {
  return std::to_string(o.steps) + " steps, " + std::to_string(o.events) + " events, " + std::to_string(o.faults) + " faults, " +
         std::to_string(o.forgeries) + " forgeries, agreed " + core::format_duration(o.took_to_agree) + " after healing";
}

template <class History>
int replay(const Asked& asked) {
  const auto outcome = History(asked.seed, asked.setup(true)).run();
  std::printf("seed %lu: %s, history %s\n", asked.seed, words(outcome).c_str(), core::to_hex(outcome.history).c_str());
  if (!outcome.broken.empty()) std::printf("seed %lu: %s\n", asked.seed, outcome.broken.c_str());
  const bool good = outcome.broken.empty();
  std::printf("%d passed, %d failed\n", good ? 1 : 0, good ? 0 : 1);
  return good ? 0 : 1;
}

void print_shrunk(const std::string& program, std::uint64_t seed, const sim::Shrunk& shrunk) {
  std::printf("seed %lu, shrunk in %lu runs to %lu of %lu faults and %.2f s of trouble: %s\n", seed, shrunk.tries, shrunk.setup.only->size(),
              shrunk.of, std::chrono::duration<double>(shrunk.setup.trouble).count(), shrunk.broken.c_str());
  std::printf("  replay with: %s %s\n", program.c_str(), sim::arguments(seed, shrunk.setup).c_str());
}

sim::Shrunk shrink(const std::pair<std::uint64_t, std::string>& failed, const sim::Setup& setup) {
  return sim::shrink(run_seed, failed.first, setup, planned_faults(failed.first, setup), failed.second);
}

// Of histories that passed; those that run twice count twice.
void print_speed(std::uint64_t seeds) {
  rusage used{};
  getrusage(RUSAGE_CHILDREN, &used);
  const auto seconds = [](const timeval& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6; };
  const double cpu = seconds(used.ru_utime) + seconds(used.ru_stime);
  const double hours = static_cast<double>(seeds) * (1 + 1.0 / kTwiceEvery) * std::chrono::duration<double>(sim::kHistory).count() / 3600;
  std::printf("%.1f simulated hours of a cluster in %.0f s of processor time: %.0f hours per core and day\n", hours, cpu, hours / cpu * 86400);
}

// A history makes and drops many files of some hundred KiB in memory: none of that goes back to the system
// before the history ends.
void keep_memory() {
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  mallopt(M_TOP_PAD, 16 << 20);
}

}  // namespace

int main(int argc, char** argv) {
  keep_memory();
  const auto asked = read_arguments(argc, argv);
  if (asked.gossip_figures) return sim::gossip::print_figures();
  if (asked.seed != 0) return asked.gossip ? replay<sim::gossip::History>(asked) : replay<sim::History>(asked);
  const bool points = asked.crash_points != 0;
  const auto count = points ? asked.crash_points : asked.seeds;
  std::vector<std::pair<std::uint64_t, std::string>> failed;
  const auto tally = sim::run_jobs(
      {asked.from, asked.from + count - 1, static_cast<unsigned>(asked.jobs), asked.failures},
      [&](std::uint64_t seed) { return points ? sim::crash_everywhere(seed) : run_seed(seed, asked.setup(false)); },
      [&](std::uint64_t seed, const std::string& wrong) {
        std::printf("seed %lu: %s\n", seed, wrong.c_str());
        if (points) std::printf("  replay with: build/release/sim --crash-points 1 --from %lu\n", seed);
        else std::printf("  replay with: make sim%s SEED=%lu SERVERS=%lu\n", asked.gossip ? "-gossip" : "", seed, asked.servers);
        if (!points) failed.emplace_back(seed, wrong);
      });
  if (!points && !asked.gossip) print_speed(tally.passed);
  for (std::size_t i = 0; i < std::min<std::size_t>(asked.shrink, failed.size()); ++i)
    print_shrunk(argv[0], failed[i].first, shrink(failed[i], asked.setup(false)));
  std::printf("%lu passed, %lu failed\n", tally.passed, tally.failed);
  return tally.failed == 0 ? 0 : 1;
}
