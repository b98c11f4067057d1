// SPDX-License-Identifier: MPL-2.0
// The parts that know nothing of the protocol: table, news, suspicion, remembered members.
#include <catch2/catch.hpp>
#include <set>

#include "core/base/limits.h"
#include "core/gossip/awareness.h"
#include "core/gossip/broadcasts.h"
#include "core/gossip/member_table.h"
#include "core/gossip/rejoin.h"
#include "core/gossip/suspicion.h"
#include "tests/unit/core/gossip/rig.h"

using core::Bytes;
using core::Errc;
using namespace core::gossip;
using namespace std::chrono_literals;

namespace {

Member make(const std::string& name) {
  Member m;
  m.name = name;
  m.identity = {1};
  m.endpoint = {"10.0.0.1", 4648};
  return m;
}
std::string name_of(int i) { return "m" + std::to_string(i); }

}  // namespace

TEST_CASE("tables with the same members have the same digest, in whatever order they came", "[gossip][table]") {
  MemberTable one, other;
  for (int i = 0; i < 200; ++i) one.add(make(name_of(i)));
  for (int i = 199; i >= 0; --i) other.add(make(name_of(i)));
  CHECK(one.digest() == other.digest());
  one.edit("m7", [](Member& m) { m.condition = Condition::suspect; });
  CHECK(one.digest() == other.digest());
  one.edit("m7", [](Member& m) { m.condition = Condition::failed; });
  for (std::size_t i = 0; i < kBuckets; ++i) CHECK((one.digest()[i] == other.digest()[i]) == (i != MemberTable::bucket_of("m7")));
  CHECK(one.living() == 199);
  one.erase("m7");
  other.erase("m7");
  CHECK(one.digest() == other.digest());
  CHECK(one.size() == 199);
  CHECK(one.find("m7") == nullptr);
}

TEST_CASE("members are drawn at random, each once, and only those wanted", "[gossip][table]") {
  const auto size = GENERATE(5, 200);
  MemberTable table;
  for (int i = 0; i < size; ++i) table.add(make(name_of(i)));
  core::Rng rng(3);
  std::set<std::string> drawn;
  for (int round = 0; round < 2000; ++round) {
    const auto picked = table.pick(rng, 3, [](const Member& m) { return m.name != "m1"; });
    std::set<std::string> names;
    for (const auto* m : picked) names.insert(m->name);
    REQUIRE(names.size() == picked.size());
    drawn.merge(names);
  }
  CHECK(drawn.size() == static_cast<std::size_t>(size) - 1);
  CHECK_FALSE(drawn.contains("m1"));
  CHECK(table.pick(rng, 3, [](const Member&) { return false; }).empty());
}

TEST_CASE("news is told as often as the limit says, what was told least first", "[gossip][news]") {
  Broadcasts news;
  Bytes out;
  news.put("a", Bytes(20, 'a'));
  CHECK(news.take(100, 3, out) == 20);
  news.put("b", Bytes(20, 'b'));
  out.clear();
  CHECK(news.take(20, 3, out) == 20);
  CHECK(out == Bytes(20, 'b'));
  int packets = 2;
  for (; !news.empty(); ++packets) news.take(20, 3, out);
  CHECK(packets == 6);
}

TEST_CASE("newer news about a member replaces older", "[gossip][news]") {
  Broadcasts news;
  Bytes out;
  news.put("a", Bytes(20, '1'));
  news.take(100, 3, out);
  news.put("a", Bytes(20, '2'));
  CHECK(news.size() == 1);
  out.clear();
  CHECK(news.take(100, 1, out) == 20);
  CHECK(out == Bytes(20, '2'));
  CHECK(news.empty());
}

TEST_CASE("smaller news goes where larger does not fit, and none is cut", "[gossip][news]") {
  Broadcasts news;
  Bytes out;
  news.put("small", Bytes(30, 's'));
  news.put("large", Bytes(90, 'l'));
  CHECK(news.take(60, 3, out) == 30);
  CHECK(out == Bytes(30, 's'));
  CHECK(news.take(10, 3, out) == 0);
}

TEST_CASE("the queue of news is bounded: what was told most goes first", "[gossip][news]") {
  Broadcasts news;
  Bytes out;
  news.put("old", Bytes(20, 'o'));
  news.take(100, 100, out);
  for (std::size_t i = 0; i < 2 * core::limits::kGossipBroadcastsMax; ++i) news.put(std::to_string(i), Bytes(20, 'x'));
  CHECK(news.size() == core::limits::kGossipBroadcastsMax);
  out.clear();
  news.take(core::limits::kGossipBroadcastsMax * 20, 1, out);
  CHECK(out.find('o') == Bytes::npos);
}

TEST_CASE("a suspect has less time the more others accuse it", "[gossip][suspicion][lifeguard]") {
  const auto timing = lan();
  Suspicion suspicion(timing, 100, test::gossip::kStart, "b");
  auto last = suspicion.deadline();
  CHECK(last == test::gossip::kStart + timing.suspicion * timing.suspicion_factor);
  CHECK_FALSE(suspicion.confirm("b"));
  for (const auto* accuser : {"c", "d", "e"}) {
    CHECK(suspicion.confirm(accuser));
    CHECK(suspicion.deadline() < last);
    last = suspicion.deadline();
  }
  CHECK(last == test::gossip::kStart + timing.suspicion);
  CHECK_FALSE(suspicion.confirm("f"));
  CHECK(suspicion.deadline() == last);
}

TEST_CASE("with nobody to confirm it a suspicion is short, and in a large cluster longer", "[gossip][suspicion]") {
  const auto timing = lan();
  CHECK(Suspicion(timing, 2, test::gossip::kStart, "b").deadline() == test::gossip::kStart + timing.suspicion);
  Suspicion three(timing, 3, test::gossip::kStart, "b");
  CHECK(three.deadline() > test::gossip::kStart + timing.suspicion);
  CHECK(three.confirm("c"));
  CHECK(three.deadline() == test::gossip::kStart + timing.suspicion);
  Suspicion many(timing, 10'000, test::gossip::kStart, "b");
  for (const auto* accuser : {"c", "d", "e"}) CHECK(many.confirm(accuser));
  CHECK(many.deadline() == test::gossip::kStart + 2 * timing.suspicion);
}

TEST_CASE("awareness stays between healthy and its worst", "[gossip][lifeguard]") {
  Awareness awareness;
  awareness.better();
  CHECK(awareness.stretch(1s) == 1s);
  awareness.worse(3);
  CHECK(awareness.stretch(1s) == 4s);
  awareness.worse(100);
  CHECK(awareness.score() == Awareness::kMax);
  awareness.better();
  CHECK(awareness.score() == Awareness::kMax - 1);
}

TEST_CASE("retransmits grow with the decades of the cluster", "[gossip][news]") {
  CHECK(retransmits(lan(), 1) == 4);
  CHECK(retransmits(lan(), 9) == 4);
  CHECK(retransmits(lan(), 10) == 8);
  CHECK(retransmits(lan(), 99) == 8);
  CHECK(retransmits(lan(), 1000) == 16);
}

TEST_CASE("what is remembered of members is read back, and nothing else is", "[gossip][rejoin]") {
  MemberTable table;
  for (const auto* name : {"a", "b", "c", "with space"}) table.add(make(name));
  table.edit("b", [](Member& m) { m.condition = Condition::failed; });
  table.edit("c", [](Member& m) { m.condition = Condition::left; });
  const auto text = encode(remember(table, "a", 77, {5}));
  const auto read = decode_remembered(text);
  REQUIRE(read.ok());
  CHECK(read->session == 77);
  CHECK(read->clock == LamportTime{5});
  REQUIRE(read->others.size() == 2);
  CHECK(read->others[0] == Remembered::Other{"b", {"10.0.0.1", 4648}});
  CHECK(read->others[1].name == "with space");
  CHECK(decode_remembered(text + "coordinate 1 2 3\n").ok());
  for (const auto* bad : {"", "hello", "# nomad gossip 1\nsession x\n", "# nomad gossip 1\nmember 10.0.0.1 70000 b\n",
                          "# nomad gossip 1\nmember 10.0.0.1\n"}) {
    CAPTURE(bad);
    REQUIRE_FALSE(decode_remembered(bad).ok());
    CHECK(decode_remembered(bad).error().code == Errc::corrupt);
  }
}
