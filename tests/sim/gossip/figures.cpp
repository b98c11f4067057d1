// SPDX-License-Identifier: MPL-2.0
#include "tests/sim/gossip/figures.h"

#include <algorithm>
#include <cstdio>

#include "tests/sim/gossip/sealed_wire.h"

namespace sim::gossip {
namespace {

using namespace std::chrono_literals;
using core::gossip::Change;
using core::gossip::Standing;

// Members on a network, sealed as between agents.
struct Cluster {
  explicit Cluster(std::uint64_t seed, test::GossipNetwork network = {}) : world(seed), wire(world), gossip(world, wire, network, core::gossip::lan()) {}
  test::World world;
  SealedWire wire;
  test::GossipWorld gossip;
};

double seconds(core::Duration d) { return std::chrono::duration<double>(d).count(); }

int told(bool good) {
  std::printf("  %s\n", good ? "as promised" : "NOT as promised");
  std::fflush(stdout);
  return good ? 0 : 1;
}

int print_detection() {
  constexpr std::uint64_t kSeeds = 200;
  std::vector<core::Duration> took;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Cluster c(seed);
    c.gossip.start_cluster(100);
    c.gossip.run_for(core::Rng(seed).jitter(3s));
    c.gossip.crash(17);
    const auto start = c.gossip.now();
    (void)c.gossip.run_until([&] { return c.gossip.all_see(17, Standing::failed); }, 1min);
    took.push_back(c.gossip.now() - start);
  }
  std::sort(took.begin(), took.end());
  const auto at = [&](std::size_t per_mille) { return seconds(took[per_mille * (kSeeds - 1) / 1000]); };
  std::printf("a failure among 100 members is known to all after: median %.2f s, 90 %% %.2f s, worst of %lu %.2f s (promised: 5 s)\n", at(500),
              at(900), kSeeds, at(1000));
  return told(took.back() <= 5s);
}

int print_day() {
  Cluster c(1, {.loss_per_mille = 50});
  c.gossip.start_cluster(100);
  c.gossip.slow_down(42, 1s);
  c.gossip.run_for(24h);
  const auto failures = c.gossip.times_told(Change::failed);
  std::printf("100 members for 24 h, 5 %% of packets lost, one member up to 1 s late in all it does: %zu taken for failed (promised: none), %lu packets\n",
              failures, c.gossip.packets_sent());
  return told(failures == 0 && c.gossip.converged());
}

int print_growth() {
  int bad = 0;
  double smallest = 0;
  for (const std::size_t members : {10, 100, 1000}) {
    Cluster c(members);
    const auto start = c.gossip.now();
    c.gossip.start_cluster(members);
    const auto met = c.gossip.now() - start;
    c.gossip.run_for(2min);
    const auto bytes = c.gossip.bytes_sent(), packets = c.gossip.packets_sent();
    c.gossip.run_for(1min);
    const auto per_second = [&](std::uint64_t now, std::uint64_t before) { return static_cast<double>(now - before) / 60 / static_cast<double>(members); };
    const auto rate = per_second(c.gossip.bytes_sent(), bytes);
    std::printf("%zu members: each sends %.0f bytes and %.1f packets a second, sealed, streams included\n", members, rate,
                per_second(c.gossip.packets_sent(), packets));
    if (smallest == 0) smallest = rate;
    bad += told(rate < smallest * 1.2);
    const auto joiner = c.gossip.start();
    c.gossip.join(joiner, members / 2);
    const auto joined = c.gossip.now();
    const bool known = c.gossip.run_until([&] { return c.gossip.converged(); }, 1min);
    std::printf("  all started within a second knew each other after %.2f s; one more was known to all after %.2f s (promised: 10 s)\n", seconds(met),
                seconds(c.gossip.now() - joined));
    bad += told(known && c.gossip.now() - joined <= 10s);
  }
  return bad;
}

}  // namespace

int print_figures() {
  constexpr int kPromises = 2 + 2 * 3;
  int bad = print_detection();
  bad += print_growth();
  bad += print_day();
  std::printf("%d passed, %d failed\n", kPromises - bad, bad);
  return bad == 0 ? 0 : 1;
}

}  // namespace sim::gossip
