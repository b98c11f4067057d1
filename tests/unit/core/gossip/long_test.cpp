// SPDX-License-Identifier: MPL-2.0
// Long stretches of virtual time, run by hand with the tag [.long].
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdio>

#include "tests/support/gossip_world.h"
#include "tests/support/printers.h"

using namespace core::gossip;
using test::GossipWorld;
using namespace std::chrono_literals;

TEST_CASE("nobody is taken for failed in 24 hours of 5 % loss with a slow member among 100", "[.long]") {
  GossipWorld world(1, {.loss_per_mille = 50});
  world.start_cluster(100);
  world.slow_down(42, 1s);
  for (int hour = 0; hour < 24; ++hour) {
    world.run_for(1h);
    std::printf("hour %d: %llu packets, %zu failures told, health of the slow member %d\n", hour + 1,
                static_cast<unsigned long long>(world.packets_sent()), world.times_told(Change::failed),
                world.gossip(42).counts().health_score);
    std::fflush(stdout);
  }
  CHECK(world.times_told(Change::failed) == 0);
  CHECK(world.converged());
}

TEST_CASE("how long a failure among 100 takes to be known everywhere, over 1000 seeds", "[.long]") {
  std::vector<core::Duration> took;
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    GossipWorld world(seed);
    world.start_cluster(100);
    world.run_for(core::Rng(seed).jitter(3s));
    world.crash(17);
    const auto start = world.now();
    REQUIRE(world.run_until([&] { return world.all_see(17, Standing::failed); }, 1min));
    took.push_back(world.now() - start);
  }
  std::sort(took.begin(), took.end());
  for (const auto per_mille : {0, 500, 900, 990, 999})
    std::printf("%d per mille: %.2f s\n", per_mille, static_cast<double>(took[static_cast<std::size_t>(per_mille)].count()) / 1e9);
  CHECK(took.back() <= 5s);
}

TEST_CASE("what a member sends, and how long a thousand take to know each other and one more", "[.long]") {
  for (const std::size_t members : {3, 10, 100, 1000}) {
    GossipWorld world(members);
    const auto start = world.now();
    world.start_cluster(members);
    const auto met = world.now() - start;
    world.run_for(2min);
    const auto bytes = world.bytes_sent(), packets = world.packets_sent();
    world.run_for(1min);
    const auto seconds = 60.0 * static_cast<double>(members);
    std::printf("%zu members: knew each other after %.2f s; each sends %.1f packets and %.0f bytes a second\n", members,
                static_cast<double>(met.count()) / 1e9, static_cast<double>(world.packets_sent() - packets) / seconds,
                static_cast<double>(world.bytes_sent() - bytes) / seconds);
    const auto joiner = world.start();
    world.join(joiner, members / 2);
    const auto joined = world.now();
    REQUIRE(world.run_until([&] { return world.converged(); }, 1min));
    std::printf("  one more was known to all after %.2f s\n", static_cast<double>((world.now() - joined).count()) / 1e9);
  }
}
