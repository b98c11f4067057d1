// SPDX-License-Identifier: MPL-2.0
#include "tests/support/gossip_world.h"
#include "tests/unit/core/gossip/rig.h"

using namespace test;
using namespace test::gossip;

TEST_CASE("a member that leaves has left, one that dies has failed", "[gossip][intents]") {
  GossipWorld world(4);
  world.start_cluster(10);
  world.leave(3);
  world.crash(7);
  CHECK(world.run_until([&] { return world.all_see(3, Standing::left) && world.all_see(7, Standing::failed); }, 20s));
  CHECK(world.has_left(3));
  world.run_for(1min);
  CHECK(world.all_see(3, Standing::left));
  for (const auto& told : world.told()) CHECK_FALSE((told.about == "m3" && told.change == Change::failed));
}

TEST_CASE("a member that dies while it leaves has left", "[gossip][intents]") {
  Rig rig({"b", "c"});
  rig.hear(LeaveIntent{{50}, "b", false});
  CHECK(rig.member("b").standing() == Standing::leaving);
  rig.hear(dead("b", "c"));
  CHECK(rig.member("b").standing() == Standing::left);
}

TEST_CASE("a lone member leaves at once", "[gossip][intents]") {
  Rig rig;
  CHECK(rig.feed(LeaveAsked{9}).left->ticket == 9);
  CHECK_FALSE(rig.gossip().next_deadline());
}

TEST_CASE("a member that leaves no longer objects to anything", "[gossip][intents]") {
  Rig rig({"b", "c"});
  rig.feed(LeaveAsked{1});
  rig.hear(suspect("a", "b"));
  CHECK(rig.gossip().self().incarnation == Incarnation{1});
  CHECK(rig.run_for(5s).left);
}

TEST_CASE("a failed member that is told off has left, one that lives objects", "[gossip][intents]") {
  GossipWorld world(6);
  world.start_cluster(8);
  world.crash(5);
  REQUIRE(world.run_until([&] { return world.all_see(5, Standing::failed); }));
  world.force_leave(0, 5);
  world.force_leave(0, 2);
  CHECK(world.run_until([&] { return world.all_see(5, Standing::left); }, 5s));
  CHECK(world.run_until([&] { return world.all_see(2, Standing::alive); }, 5s));
  CHECK(world.times_told(Change::left) == 7);
}

TEST_CASE("a pruned member is forgotten everywhere", "[gossip][intents]") {
  GossipWorld world(7);
  world.start_cluster(8);
  world.crash(5);
  REQUIRE(world.run_until([&] { return world.all_see(5, Standing::failed); }));
  world.force_leave(1, 5, true);
  CHECK(world.run_until([&] { return world.forgotten(5); }, 5s));
  world.run_for(2min);
  CHECK(world.forgotten(5));
  CHECK(world.times_told(Change::reaped) == 7);
}

TEST_CASE("an intent counts only if it is newer than the newest known", "[gossip][intents]") {
  Rig rig({"b"});
  rig.hear(JoinIntent{{10}, "b"});
  rig.hear(LeaveIntent{{9}, "b", false});
  CHECK(rig.member("b").standing() == Standing::alive);
  rig.hear(LeaveIntent{{11}, "b", false});
  CHECK(rig.member("b").standing() == Standing::leaving);
  rig.hear(JoinIntent{{11}, "b"});
  CHECK(rig.member("b").standing() == Standing::leaving);
  rig.hear(JoinIntent{{12}, "b"});
  CHECK(rig.member("b").standing() == Standing::alive);
  CHECK(rig.gossip().counts().clock >= core::gossip::LamportTime{12});
}

TEST_CASE("an intent may come before the member it is about", "[gossip][intents]") {
  Rig rig({"c"});
  rig.hear(LeaveIntent{{5}, "b", false});
  rig.hear(alive("b"));
  CHECK(rig.member("b").standing() == Standing::leaving);
}

TEST_CASE("a member that left and comes back is alive, as the same or at another address", "[gossip][intents]") {
  const bool elsewhere = GENERATE(false, true);
  GossipWorld world(8);
  world.start_cluster(6);
  world.leave(4);
  REQUIRE(world.run_until([&] { return world.has_left(4) && world.all_see(4, Standing::left); }));
  world.crash(4);
  world.restart(4, elsewhere);
  world.join(4, 1);
  CHECK(world.run_until([&] { return world.converged(); }, 10s));
}

TEST_CASE("a member that learns of a later intent about it than its own says that it stays", "[gossip]") {
  const bool leaving = GENERATE(false, true);
  Rig rig({"b"});
  const SyncRequest table{{90}, {}, {{alive("b"), Condition::alive, false, {3}, 0}, {alive("a"), Condition::alive, leaving, {60}, 0}}};
  rig.feed(Asked{1, table});
  CHECK(rig.gossip().self().status_time > LamportTime{60});
  const auto said = sent<JoinIntent>(rig.run_for(100ms));
  REQUIRE_FALSE(said.empty());
  CHECK(said[0].second.name == "a");
}
