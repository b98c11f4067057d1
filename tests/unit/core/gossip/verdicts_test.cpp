// SPDX-License-Identifier: MPL-2.0
#include "tests/unit/core/gossip/rig.h"

using namespace test;
using namespace test::gossip;

TEST_CASE("who overrides whom is decided by incarnation", "[gossip][swim-4.2]") {
  struct Case {
    Message said;
    Condition expected;
    std::uint64_t incarnation;
  };
  const auto& [said, expected, incarnation] = GENERATE(values<Case>({
      {alive("b", 4), Condition::alive, 5},
      {alive("b", 5), Condition::alive, 5},
      {alive("b", 6), Condition::alive, 6},
      {suspect("b", "c", 4), Condition::alive, 5},
      {suspect("b", "c", 5), Condition::suspect, 5},
      {suspect("b", "c", 6), Condition::suspect, 6},
      {dead("b", "c", 4), Condition::alive, 5},
      {dead("b", "c", 5), Condition::suspect, 5},
      {dead("b", "b", 5), Condition::left, 5},
  }));
  Rig rig;
  rig.hear(alive("b", 5));
  rig.hear(alive("c"));
  rig.hear(said);
  CHECK(rig.member("b").condition == expected);
  CHECK(rig.member("b").incarnation == Incarnation{incarnation});
}

TEST_CASE("a suspect or a failed member lives again only by a later incarnation", "[gossip][swim-4.2]") {
  Rig rig({"b", "c"});
  rig.hear(suspect("b", "c"));
  if (GENERATE(true, false)) {
    rig.run_answering(lan().suspicion / 2, "b");
    rig.hear(dead("b", "c"));
    REQUIRE(rig.member("b").condition == Condition::failed);
  }
  const auto before = rig.member("b").condition;
  rig.hear(alive("b", 1));
  CHECK(rig.member("b").condition == before);
  rig.hear(suspect("b", "c", 0));
  CHECK(rig.member("b").condition == before);
  rig.hear(alive("b", 2));
  CHECK(rig.member("b").condition == Condition::alive);
}

TEST_CASE("who is said to be dead and was not suspected for a while has time to object", "[gossip]") {
  Rig rig({"b", "c", "d", "e"});
  const bool suspected = GENERATE(false, true);
  if (suspected) rig.hear(suspect("b", "c"));
  rig.hear(dead("b", "c"));
  CHECK(rig.member("b").condition == Condition::suspect);
  const auto out = rig.run_for(100ms);
  CHECK(rig.told(Change::failed, "b") == 0);
  SECTION("and whoever hears of it hears of a suspicion") {
    CHECK_FALSE(sent<Suspect>(out).empty());
    CHECK(sent<Dead>(out).empty());
  }
  SECTION("and if it does it never counted as failed") {
    rig.hear(alive("b", 2));
    rig.run_answering(10s);
    CHECK(rig.told(Change::failed, "b") == 0);
  }
  SECTION("and if it does not, several who say so make it fail as soon as several who suspect it") {
    rig.hear(dead("b", "d"));
    rig.hear(dead("b", "e"));
    rig.run_answering(lan().suspicion + 100ms, "b");
    CHECK(rig.member("b").condition == Condition::failed);
  }
}

TEST_CASE("a member objects to what is said of it with a later incarnation", "[gossip][swim-4.2]") {
  Rig rig({"b", "c"});
  const auto accused = GENERATE(as<Message>{}, suspect("a", "c", 1), suspect("a", "c", 9), dead("a", "c", 3), dead("a", "a", 3));
  auto out = rig.hear(accused);
  CHECK(rig.gossip().self().condition == Condition::alive);
  const auto raised = rig.gossip().self().incarnation;
  CHECK(raised > Incarnation{1});
  const auto later = rig.run_for(100ms);
  out.send.insert(out.send.end(), later.send.begin(), later.send.end());
  const auto said = sent<Alive>(out);
  REQUIRE_FALSE(said.empty());
  CHECK(said.back().second.name == "a");
  CHECK(said.back().second.incarnation == raised);
  CHECK(rig.gossip().counts().health_score == 1);
}

TEST_CASE("old accusations of ourselves raise nothing, but whoever makes them is told", "[gossip][swim-4.2]") {
  Rig rig({"b", "c"});
  rig.hear(suspect("a", "c", 1));
  const auto raised = rig.gossip().self().incarnation;
  const auto accused = GENERATE(as<Message>{}, suspect("a", "c", 1), dead("a", "c", 1));
  const auto said = sent<Alive>(rig.hear(accused, "b"));
  CHECK(rig.gossip().self().incarnation == raised);
  REQUIRE_FALSE(said.empty());
  CHECK(said.front().first == place("b"));
  CHECK(said.front().second.incarnation == raised);
}

TEST_CASE("a suspect that does not object in time has failed, and everybody is told", "[gossip]") {
  Rig rig({"b", "c", "d"});
  rig.hear(suspect("b", "c"));
  rig.hear(suspect("b", "d"));
  auto out = rig.run_answering(lan().suspicion - 100ms, "b");
  CHECK(rig.member("b").condition == Condition::suspect);
  CHECK(rig.member("b").standing() == Standing::alive);
  out = rig.run_answering(lan().suspicion * lan().suspicion_factor);
  CHECK(rig.member("b").condition == Condition::failed);
  CHECK_FALSE(sent<Dead>(out).empty());
  CHECK(rig.told(Change::failed, "b") == 1);
}

TEST_CASE("news is passed on once, whoever tells it again", "[gossip]") {
  Rig rig({"b", "c", "d"});
  rig.run_answering(5s);
  rig.hear(alive("e"));
  CHECK(rig.gossip().counts().broadcasts_queued > 0);
  rig.run_answering(5s);
  CHECK(rig.gossip().counts().broadcasts_queued == 0);
  rig.hear(alive("e"));
  CHECK(rig.gossip().counts().broadcasts_queued == 0);
}

TEST_CASE("a server that takes the name of a living one is a conflict, and changes nothing", "[gossip][conflict]") {
  Rig rig({"b"});
  auto other = alive("b", 99);
  other.identity = {4711};
  other.endpoint = {"10.9.9.9", 1};
  rig.hear(other);
  REQUIRE(rig.conflicts().size() == 1);
  CHECK(rig.conflicts()[0].known == place("b"));
  CHECK(rig.conflicts()[0].other == other.endpoint);
  CHECK(rig.member("b").identity == identity("b"));
  rig.hear(other);
  CHECK(rig.conflicts().size() == 1);
  rig.run_answering(61s);
  rig.hear(other);
  CHECK(rig.conflicts().size() == 2);

  SECTION("accusations of one are not held against the other") {
    rig.hear(Dead{"b", other.identity, {100}, "c"});
    CHECK(rig.member("b").condition == Condition::alive);
  }
  SECTION("once the first is gone, the name is free") {
    rig.hear(dead("b", "b"));
    rig.hear(other);
    CHECK(rig.member("b").identity == other.identity);
    CHECK(rig.member("b").condition == Condition::alive);
  }
}

TEST_CASE("a server that takes our name is told as a conflict, and we do not fight over it", "[gossip][conflict]") {
  Rig rig({"b"});
  auto other = alive("a", 99);
  other.identity = {4711};
  rig.hear(other);
  CHECK(rig.conflicts().size() == 1);
  CHECK(rig.gossip().self().incarnation == Incarnation{1});
}

TEST_CASE("the same server at another address is the same server", "[gossip]") {
  Rig rig({"b"});
  auto moved = alive("b", 2);
  moved.endpoint.port = 5000;
  rig.hear(moved);
  rig.run_answering(1s);
  CHECK(rig.member("b").endpoint.port == 5000);
  CHECK(rig.conflicts().empty());
  CHECK(rig.told(Change::updated, "b") == 1);
}

TEST_CASE("a change that is undone within the event window is not told", "[gossip][events]") {
  Rig rig({"b", "c"});
  rig.hear(dead("b", "c"));
  rig.hear(alive("b", 2));
  rig.run_answering(1s);
  CHECK(rig.told(Change::failed, "b") == 0);
  CHECK(rig.told(Change::joined, "b") == 1);  // at the start
}

TEST_CASE("what tables say of a suspect is one accusation, however many say it", "[gossip][suspicion]") {
  Rig rig({"b", "c", "d", "e", "f"});
  core::gossip::Ticket ticket = 1;
  for (const auto* teller : {"c", "d", "e", "f"})
    rig.feed(Asked{ticket++, SyncRequest{{1}, {}, {{alive(teller), Condition::alive, false, {1}, 0}, {alive("b"), Condition::suspect, false, {0}, 0}}}});
  REQUIRE(rig.member("b").condition == Condition::suspect);
  rig.run_answering(2 * lan().suspicion, "b");
  CHECK(rig.member("b").condition == Condition::suspect);
  for (const auto* accuser : {"c", "d", "e"}) rig.hear(suspect("b", accuser));
  rig.run_answering(100ms, "b");
  CHECK(rig.member("b").condition == Condition::failed);
}
