// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "tests/support/gossip_world.h"
#include "tests/support/printers.h"

using namespace core::gossip;
using test::GossipWorld;
using namespace std::chrono_literals;

TEST_CASE("members that join one of them come to know all", "[gossip]") {
  const auto count = GENERATE(2u, 3u, 5u, 40u);
  GossipWorld world(count);
  world.start_cluster(count);
  world.run_for(1s);
  CHECK(world.converged());
  CHECK(world.times_told(Change::joined) == count * count);
  CHECK(world.times_told(Change::failed) == 0);
}

TEST_CASE("a member that fails is known to have failed within 5 s in a cluster of 100", "[gossip]") {
  const auto seed = GENERATE(range(1u, 6u));
  CAPTURE(seed);
  GossipWorld world(seed);
  world.start_cluster(100);
  world.run_for(core::Rng(seed).jitter(10s));
  world.crash(17);
  CHECK(world.run_until([&] { return world.all_see(17, Standing::failed); }, 5s));
  CHECK(world.times_told(Change::failed) <= 99);
}

TEST_CASE("ten of a hundred members that fail at once are known to have failed within 10 s", "[gossip]") {
  GossipWorld world(5);
  world.start_cluster(100);
  for (std::size_t i = 20; i < 30; ++i) world.crash(i);
  const auto known = [&] {
    for (std::size_t i = 20; i < 30; ++i)
      if (!world.all_see(i, Standing::failed)) return false;
    return true;
  };
  CHECK(world.run_until(known, 10s));
}

TEST_CASE("three hundred members know of one that joins within 10 s", "[gossip]") {
  GossipWorld world(3);
  world.start_cluster(300);
  const auto joiner = world.start();
  world.join(joiner, 150);
  CHECK(world.run_until([&] { return world.converged(); }, 10s));
}

TEST_CASE("nobody is taken for failed in ten minutes of 5 % loss with a slow member among them", "[gossip]") {
  GossipWorld world(11, {.loss_per_mille = 50});
  world.start_cluster(100);
  world.slow_down(42, 1s);
  world.run_for(10min);
  CHECK(world.times_told(Change::failed) == 0);
  CHECK(world.converged());
}

TEST_CASE("what a member sends does not grow with the cluster", "[gossip]") {
  const auto bytes_per_member = [](std::size_t members) {
    GossipWorld world(members);
    world.start_cluster(members);
    world.run_for(2min);
    const auto before = world.bytes_sent();
    world.run_for(1min);
    return (world.bytes_sent() - before) / members;
  };
  const auto small = bytes_per_member(10), large = bytes_per_member(300);
  CAPTURE(small, large);
  CHECK(large < small * 12 / 10);
}

TEST_CASE("two halves of a cluster that were cut apart grow together again", "[gossip]") {
  GossipWorld world(8);
  world.start_cluster(20);
  world.cut(8);
  REQUIRE(world.run_until([&] { return world.gossip(0).members().living() == 8 && world.gossip(19).members().living() == 12; }));
  world.heal();
  CHECK(world.run_until([&] { return world.converged(); }, 2min));
}

TEST_CASE("a cut that is over before the suspects' time is up fails nobody", "[gossip]") {
  GossipWorld world(9);
  world.start_cluster(20);
  world.cut(19);
  world.run_for(1s);
  world.heal();
  world.run_for(30s);
  CHECK(world.times_told(Change::failed) == 0);
  CHECK(world.gossip(19).self().incarnation > Incarnation{1});
}

TEST_CASE("a member that crashed and comes back is alive again, before or after others noticed", "[gossip]") {
  const bool noticed = GENERATE(false, true);
  const bool elsewhere = GENERATE(false, true);
  CAPTURE(noticed, elsewhere);
  GossipWorld world(12);
  world.start_cluster(12);
  world.crash(6);
  if (noticed) REQUIRE(world.run_until([&] { return world.all_see(6, Standing::failed); }));
  world.restart(6, elsewhere);
  world.join(6, 2);
  CHECK(world.run_until([&] { return world.converged() && world.gossip(0).members().find("m6")->endpoint == world.endpoint(6); }, 15s));
  CHECK(world.conflicts(0).empty());
}

TEST_CASE("a server that lost its data and comes back by its old name is taken for the new one it is", "[gossip][conflict]") {
  const bool noticed = GENERATE(false, true);
  CAPTURE(noticed);
  GossipWorld world(19);
  world.start_cluster(12);
  world.force_leave(0, 6);
  world.run_for(5s);
  const auto before = world.identity(6);
  world.crash(6);
  if (noticed) REQUIRE(world.run_until([&] { return world.all_see(6, Standing::failed); }));
  world.restart(6, GossipWorld::Return{.clock = {}, .as_another = true});
  REQUIRE(world.identity(6) != before);
  world.join(6, 2);
  const auto known = [&] {
    for (std::size_t i = 0; i < world.size(); ++i)
      if (world.gossip(i).members().digest() != world.gossip(6).members().digest()) return false;
    return world.gossip(0).members().find("m6")->identity == world.identity(6);
  };
  CHECK(world.run_until([&] { return world.converged() && known(); }, 40s));
}

TEST_CASE("a failed member that returns is found again though nobody joins anybody", "[gossip]") {
  GossipWorld world(13);
  world.start_cluster(10);
  world.crash(6);
  REQUIRE(world.run_until([&] { return world.all_see(6, Standing::failed); }));
  world.run_for(40s);
  world.restart(6);
  CHECK(world.run_until([&] { return world.converged(); }, 20min));
}

TEST_CASE("two servers of one name: both sides are told, and the first keeps the name", "[gossip][conflict]") {
  GossipWorld world(14);
  world.start_cluster(5);
  const auto intruder = world.start({.name = "m3", .tags = {}});
  world.join(intruder, 0);
  world.run_for(20s);
  CHECK_FALSE(world.conflicts(0).empty());
  CHECK_FALSE(world.conflicts(intruder).empty());
  for (std::size_t i = 0; i < 5; ++i) CHECK(world.gossip(i).members().find("m3")->endpoint == world.endpoint(3));
  CHECK(world.gossip(0).members().living() == 5);
}

TEST_CASE("two clusters become one when a member of one joins the other", "[gossip]") {
  GossipWorld world(15);
  for (int i = 0; i < 12; ++i) world.start();
  for (std::size_t i = 1; i < 6; ++i) world.join(i, 0);
  for (std::size_t i = 7; i < 12; ++i) world.join(i, 6);
  world.run_for(5s);
  CHECK(world.gossip(0).members().living() == 6);
  world.join(2, 9);
  CHECK(world.run_until([&] { return world.converged(); }, 15s));
}

TEST_CASE("joining nobody is an error, joining some is a count", "[gossip]") {
  GossipWorld world(16);
  for (int i = 0; i < 3; ++i) world.start();
  world.crash(2);
  world.feed(0, JoinAsked{8, {world.endpoint(1), world.endpoint(2), {"10.99.0.1", 1}}});
  world.feed(1, JoinAsked{9, {world.endpoint(2)}});
  world.run_for(20s);
  REQUIRE(world.joined(0).size() == 1);
  CHECK(world.joined(0)[0].ticket == 8);
  CHECK(world.joined(0)[0].joined == 1);
  CHECK(world.joined(0)[0].first_error);
  REQUIRE(world.joined(1).size() == 1);
  CHECK(world.joined(1)[0].joined == 0);
  CHECK(world.joined(1)[0].first_error->code == core::Errc::timeout);
}

TEST_CASE("failed members are forgotten after the reconnect timeout, those that left after the tombstone's", "[gossip]") {
  auto timing = lan();
  timing.reconnect_timeout = 10min;
  timing.tombstone_timeout = 4min;
  GossipWorld world(17, {}, timing);
  world.start_cluster(6);
  world.crash(1);
  world.leave(2);
  REQUIRE(world.run_until([&] { return world.all_see(1, Standing::failed) && world.has_left(2); }));
  world.crash(2);
  world.run_for(5min);
  CHECK(world.forgotten(2));
  CHECK_FALSE(world.forgotten(1));
  world.run_for(6min);
  CHECK(world.forgotten(1));
  CHECK(world.times_told(Change::reaped) == 8);
}

TEST_CASE("one seed is one history", "[gossip]") {
  const auto history = [] {
    GossipWorld world(99, {.loss_per_mille = 100, .duplicate_per_mille = 50});
    world.start_cluster(15);
    world.crash(3);
    world.run_for(30s);
    return std::tuple(world.bytes_sent(), world.packets_sent(), world.told().size());
  };
  CHECK(history() == history());
}

TEST_CASE("packets heard again later, or out of order, change nothing", "[gossip]") {
  GossipWorld world(20, {.loss_per_mille = 30, .duplicate_per_mille = 300, .delay_min = 100us, .delay_max = 80ms});
  world.start_cluster(20);
  world.run_for(1min);
  CHECK(world.converged());
  CHECK(world.times_told(Change::failed) == 0);
  CHECK(world.times_told(Change::joined) == 400);
}
