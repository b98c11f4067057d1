// SPDX-License-Identifier: MPL-2.0
#include <map>

#include "tests/unit/core/gossip/rig.h"

using namespace test;
using namespace test::gossip;

TEST_CASE("each member is probed once a round, in random order", "[gossip][swim-4.3]") {
  Rig rig({"b", "c", "d", "e", "f"});
  rig.run_answering(2s);
  std::map<std::string, int> probed;
  for (const auto& [to, ping] : sent<Ping>(rig.run_answering(5 * 10 * lan().probe_interval))) {
    CHECK(to == place(ping.target));
    ++probed[ping.target];
  }
  REQUIRE(probed.size() == 5);
  for (const auto& [name, count] : probed) {
    CAPTURE(name);
    CHECK(count >= 9);
    CHECK(count <= 11);
  }
}

TEST_CASE("a ping is answered by the server that is meant, and by nobody else", "[gossip]") {
  Rig rig({"b"});
  const auto out = rig.hear(Ping{77, "a", identity("a")});
  const auto acks = sent<Ack>(out);
  REQUIRE(acks.size() == 1);
  CHECK(acks[0].first == place("b"));
  CHECK(acks[0].second.number == 77);
  CHECK(sent<Ack>(rig.hear(Ping{78, "somebody else", identity("a")})).empty());
  CHECK(sent<Ack>(rig.hear(Ping{78, "a", identity("z")})).empty());
  CHECK(rig.feed(Asked{4, Ping{78, "a", identity("z")}}).answers.empty());
  const auto over_stream = rig.feed(Asked{5, Ping{79, "a", identity("a")}});
  REQUIRE(over_stream.answers.size() == 1);
  CHECK(std::get<Ack>(over_stream.answers[0].answer).number == 79);
}

TEST_CASE("who does not answer is asked through others and over a stream, and suspected if that fails", "[gossip][swim-3.1]") {
  Rig rig({"b", "c", "d", "e", "f"});
  const auto out = rig.run_answering(3s, "b");
  const auto asked = sent<PingRequest>(out);
  REQUIRE(asked.size() >= 3);
  for (const auto& [to, request] : asked) {
    CHECK(request.target == "b");
    CHECK(request.at == place("b"));
    CHECK(to != place("b"));
  }
  bool streamed = false;
  for (const auto& exchange : out.exchanges)
    streamed = streamed || (std::holds_alternative<Ping>(exchange.question) && exchange.to == place("b"));
  CHECK(streamed);
  CHECK(rig.member("b").condition == Condition::suspect);
  // Its helpers are well, so the trouble is not ours.
  CHECK(rig.gossip().counts().health_score == 0);
  bool told = false;
  for (const auto& [to, s] : sent<Suspect>(out)) told = told || to == place("b");
  CHECK(told);
}

TEST_CASE("an ack through a helper, or over a stream, is as good as a direct one", "[gossip][swim-3.1]") {
  const bool over_stream = GENERATE(true, false);
  Rig rig({"b", "c"});
  for (const auto until = rig.now() + 5s; rig.now() < until;) {
    const auto out = rig.run_for(10ms);
    for (const auto& [to, ping] : sent<Ping>(out))
      if (ping.target != "b") rig.hear(Ack{ping.number}, ping.target);
    for (const auto& exchange : out.exchanges)
      if (const auto* ping = std::get_if<Ping>(&exchange.question); ping != nullptr && over_stream)
        rig.feed(Answered{exchange.ticket, Exchanged(Ack{ping->number})});
    for (const auto& [to, request] : sent<PingRequest>(out))
      if (!over_stream) rig.hear(Ack{request.number}, "c");
  }
  CHECK(rig.member("b").condition == Condition::alive);
  CHECK(rig.gossip().counts().health_score == 0);
}

TEST_CASE("a helper pings for others, passes the ack on, and says so when there is none", "[gossip][lifeguard]") {
  Rig rig({"b", "c"});
  const auto out = rig.hear(PingRequest{500, "c", identity("c"), place("c")}, "b");
  const auto pings = sent<Ping>(out);
  REQUIRE(pings.size() == 1);
  CHECK(pings[0].first == place("c"));
  CHECK(pings[0].second.number != 500);

  SECTION("ack") {
    const auto passed = sent<Ack>(rig.hear(Ack{pings[0].second.number}, "c"));
    REQUIRE(passed.size() == 1);
    CHECK(passed[0].first == place("b"));
    CHECK(passed[0].second.number == 500);
    CHECK(sent<Ack>(rig.hear(Ack{pings[0].second.number}, "c")).empty());
  }
  SECTION("silence") {
    const auto nacks = sent<Nack>(rig.run_for(lan().ack_timeout));
    REQUIRE(nacks.size() == 1);
    CHECK(nacks[0].first == place("b"));
    CHECK(nacks[0].second.number == 500);
  }
}

TEST_CASE("a member whose helpers are silent, too, doubts itself and probes more slowly", "[gossip][lifeguard]") {
  Rig rig({"b", "c", "d", "e", "f"});
  rig.run_for(10s);  // nobody answers anything
  CHECK(rig.gossip().counts().health_score > 3);
  const auto before = rig.gossip().counts().health_score;
  rig.run_answering(60s);
  CHECK(rig.gossip().counts().health_score < before);
}

TEST_CASE("a suspect is told with every ping", "[gossip][lifeguard]") {
  Rig rig({"b", "c", "d"});
  rig.hear(suspect("b", "c"));
  const auto out = rig.run_answering(1s);
  for (const auto& packet : out.send) {
    const auto messages = decode_packet(packet.bytes);
    bool pinged = false, told = false;
    for (const auto& m : *messages) {
      if (const auto* ping = std::get_if<Ping>(&m)) pinged = pinged || ping->target == "b";
      if (const auto* s = std::get_if<Suspect>(&m)) told = told || s->name == "b";
    }
    if (pinged) CHECK(told);
  }
}

TEST_CASE("acks that nobody waits for change nothing", "[gossip]") {
  Rig rig({"b"});
  const auto before = rig.gossip().counts();
  const auto out = rig.hear(Ack{123456});
  CHECK(out.send.empty());
  rig.hear(Nack{123456});
  CHECK(rig.gossip().counts().health_score == before.health_score);
}

TEST_CASE("a member that is alone sleeps, and wakes when it meets another", "[gossip]") {
  Rig rig;
  rig.run_for(60s);
  int woken = 0;
  for (const auto until = rig.now() + 60s; rig.now() < until; ++woken) rig.run_for(*rig.gossip().next_deadline() - rig.now());
  CHECK(woken < 20);
  rig.hear(alive("b"));
  const auto out = rig.run_for(2s);
  CHECK_FALSE(sent<Ping>(out).empty());
  bool compared = false;
  for (const auto& exchange : out.exchanges) compared = compared || std::holds_alternative<SyncRequest>(exchange.question);
  CHECK(compared);
}
