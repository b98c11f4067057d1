// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>
#include <functional>

#include "tests/support/raft_builder.h"
#include "tests/support/raft_cluster.h"
#include "tests/support/raft_printers.h"

using namespace core::raft;
using core::Index;
using core::Term;
using test::all;
using test::from;
using test::kStart;
using test::RaftBuilder;
using test::server;
using namespace std::chrono_literals;

namespace {

struct Led {
  Raft raft;
  core::Instant now = kStart;

  explicit Led(RaftBuilder builder) : raft(builder.build()) { (void)test::make_leader(raft, now); }
  Output step(Input input) { return raft.step(std::move(input), now); }
  Output ack(const std::string& who, std::uint64_t match) {
    return step(from(who, AppendReply{raft.term(), Index{match}}));
  }
  Output save(const Output& out) { return out.save.empty() ? Output{} : step(Saved{out.save.number}); }
};

std::vector<AppendRequest> appends_to(const std::string& who, const Output& out) {
  std::vector<AppendRequest> found;
  for (const auto& [to, request] : all<AppendRequest>(out))
    if (to == server(who)) found.push_back(request);
  return found;
}

// One of three misses so many writes, more than leaders keep in memory, and is brought up to date by appends.
void catches_up(std::size_t append_bytes, int writes, const std::function<std::string(int)>& payload) {
  test::RaftClusterOptions options;
  options.config.tail_bytes = 2000;
  options.config.append_bytes = append_bytes;
  test::RaftCluster cluster(options);
  cluster.start(3);
  const auto leader = cluster.elect();
  const auto slow = leader == server("a") ? server("b") : server("a");
  cluster.crash(slow);
  for (int i = 0; i < writes; ++i) {
    cluster.propose(leader, payload(i));
    cluster.run_for(1ms);
  }
  cluster.restart(slow);
  CHECK(cluster.run_until([&]() { return cluster.settled(); }));
  CHECK(cluster.messages_sent("install-request") == 0);
  CHECK(cluster.broken() == "");
}

}  // namespace

TEST_CASE("a leader sends entries to followers while its own sync is under way", "[raft][raft-10.2.1]") {
  Led led(RaftBuilder{}.log({1}));
  (void)led.ack("b", 2);
  const auto out = led.step(test::write("x"));
  REQUIRE(out.save.append.size() == 1);
  CHECK(appends_to("b", out).size() == 1);
  CHECK(out.send.size() == 1);  // c is being probed with the first entry of the term
}

TEST_CASE("an entry commits once a majority holds it, the leader's own disk counted like others",
          "[raft][raft-5.3]") {
  Led led(RaftBuilder{}.log({1}));
  (void)led.ack("b", 2);
  const auto out = led.step(test::write("x"));
  SECTION("leader and one follower") {
    (void)led.save(out);
    CHECK(led.raft.commit() == Index{2});
    (void)led.ack("b", 3);
  }
  SECTION("both followers, before the leader's own sync is done") {
    (void)led.ack("b", 3);
    CHECK(led.raft.commit() == Index{2});
    (void)led.ack("c", 3);
  }
  CHECK(led.raft.commit() == Index{3});
}

TEST_CASE("news of a commit waits a moment for an append to travel with", "[raft]") {
  RaftBuilder builder;
  builder.log({1}).config().news_wait = 2ms;
  Led led(builder);
  (void)led.ack("b", 2);
  (void)led.save(led.step(test::write("x")));
  led.now += 1ms;
  const auto committed = led.ack("b", 3);
  REQUIRE(led.raft.commit() == Index{3});
  CHECK(all<Heartbeat>(committed).empty());
  CHECK(led.raft.next_deadline() == led.now + 2ms);
  SECTION("one comes") {
    const auto out = led.step(test::write("y"));
    REQUIRE(appends_to("b", out).size() == 1);
    CHECK(appends_to("b", out)[0].commit == Index{3});
    CHECK(*led.raft.next_deadline() > led.now + 2ms);
    led.now += 2ms;
    CHECK(all<Heartbeat>(led.step(Woke{})).empty());
  }
  SECTION("none comes") {
    led.now += 2ms;
    const auto told = all<Heartbeat>(led.step(Woke{}));
    REQUIRE(told.size() == 1);
    CHECK(told[0].first == server("b"));
    CHECK(told[0].second.commit == Index{3});
    CHECK(all<Heartbeat>(led.step(Woke{})).empty());
  }
}

TEST_CASE("entries of earlier terms are not committed by counting replicas", "[raft][raft-5.4.2]") {
  Led led(RaftBuilder{}.log({1, 1, 2}));
  (void)led.ack("b", 3);
  CHECK(led.raft.commit() == Index{0});
  (void)led.ack("b", 4);
  CHECK(led.raft.commit() == Index{4});
}

TEST_CASE("a leader backs up over a whole term at a time", "[raft][raft-5.3]") {
  std::vector<std::uint64_t> terms(200, 1);
  terms.resize(400, 5);
  Led led(RaftBuilder{}.log(terms));
  // The follower has 300 entries: 100 of term 1, then 200 of term 3.
  auto out =
      led.step(from("b", AppendRefusal{led.raft.term(), {Term{5}, Index{400}}, {Term{3}, Index{300}}}));
  auto sent = appends_to("b", out);
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].previous == EntryId{Term{1}, Index{200}});
  out = led.step(from("b", AppendRefusal{led.raft.term(), {Term{1}, Index{200}}, {Term{1}, Index{100}}}));
  sent = appends_to("b", out);
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].previous == EntryId{Term{1}, Index{100}});
}

TEST_CASE("appends to one follower stop when the window is full, and go on with its answers",
          "[raft][flow]") {
  RaftBuilder builder;
  builder.log({1}).config().in_flight_appends = 2;
  Led led(builder);
  (void)led.ack("b", 2);
  std::size_t sent = 0;
  for (int i = 0; i < 5; ++i) sent += appends_to("b", led.step(test::write("x"))).size();
  CHECK(sent == 2);
  const auto next = appends_to("b", led.ack("b", 3));
  REQUIRE(next.size() == 1);
  CHECK(next[0].entries.size() == 3);  // what waited leaves as one batch
}

TEST_CASE("a batch stops growing at its limit of bytes, but takes at least one entry", "[raft][flow]") {
  RaftBuilder builder;
  builder.log({1}).config().append_bytes = 100;
  Led led(builder);
  (void)led.ack("b", 2);
  Proposed many;
  for (const auto size : {60, 30, 30, 500}) {
    auto one = test::write(std::string(static_cast<std::size_t>(size), 'x'));
    many.proposals.push_back(one.proposals[0]);
  }
  const auto sent = appends_to("b", led.step(many));
  REQUIRE(sent.size() == 3);
  CHECK(sent[0].entries.size() == 2);
  CHECK(sent[1].entries.size() == 1);
  CHECK(sent[2].entries.size() == 1);
}

TEST_CASE("a lost append is sent again when a later heartbeat finds it missing", "[raft]") {
  Led led(RaftBuilder{}.log({1}));
  (void)led.ack("b", 2);
  (void)led.step(test::write("lost"));
  led.now = *led.raft.next_deadline();
  const auto beat = led.step(Woke{});
  REQUIRE(all<Heartbeat>(beat).size() == 2);
  const auto round = all<Heartbeat>(beat)[0].second.round;
  const auto out = led.step(from("b", HeartbeatReply{led.raft.term(), round, Index{2}, Index{2}, Index{2}}));
  const auto sent = appends_to("b", out);
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].previous.index == Index{2});
}

TEST_CASE("a proposal that cannot be taken up is refused with the reason", "[raft]") {
  SECTION("not the leader") {
    auto raft = RaftBuilder{}.log({1}).build();
    const auto out = raft.step(test::write("x", 77), kStart);
    REQUIRE(test::outcome<Refused>(out) != nullptr);
    CHECK(test::outcome<Refused>(out)->ticket == 77);
    CHECK(test::outcome<Refused>(out)->error.code == core::Errc::no_leader);
    CHECK(out.save.empty());
  }
  SECTION("too much is uncommitted") {
    RaftBuilder builder;
    builder.log({1}).config().uncommitted_bytes = 100;
    Led led(builder);
    CHECK(test::outcome<Appended>(led.step(test::write(std::string(90, 'x')))) != nullptr);
    const auto out = led.step(test::write(std::string(20, 'x')));
    REQUIRE(test::outcome<Refused>(out) != nullptr);
    CHECK(test::outcome<Refused>(out)->error.code == core::Errc::busy);
    (void)led.ack("b", 3);
    (void)led.ack("c", 3);
    CHECK(test::outcome<Appended>(led.step(test::write(std::string(20, 'x')))) != nullptr);
  }
}

TEST_CASE("a follower far behind is fed from disk, the rest from memory", "[raft][flow]") {
  catches_up(500, 500, [](int i) { return "write " + std::to_string(i); });
}

TEST_CASE("entries larger than a batch reach a follower from disk one by one", "[raft][flow]") {
  catches_up(100, 50, [](int) { return std::string(300, 'x'); });
}

TEST_CASE("an idle follower learns of a commit before the next heartbeat", "[raft]") {
  test::RaftClusterOptions options;
  options.config.heartbeat_interval = 900ms;
  test::RaftCluster cluster(options);
  cluster.start(3);
  const auto leader = cluster.elect();
  cluster.run_for(2s);
  const auto asked = cluster.now();
  cluster.propose(leader, "x");
  REQUIRE(cluster.run_until([&]() { return cluster.settled(); }));
  CHECK(cluster.now() - asked < 50ms);
}
