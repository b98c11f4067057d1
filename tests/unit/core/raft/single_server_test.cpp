// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "core/raft/raft.h"

namespace {

using namespace core::raft;
using core::Duration;
using core::Index;
using core::Instant;
using core::ServerId;
using core::Term;
using namespace std::chrono_literals;

constexpr Instant kStart{100s};

Raft fresh() {
  Config config;
  config.self = ServerId{"a"};
  return Raft(config, Restored{}, core::Rng(1), core::Logger());
}

Configuration only_a() { return Configuration{{{ServerId{"a"}, "127.0.0.1:4647", true}}}; }

Raft leader_of_one() {
  Raft raft = fresh();
  auto out = raft.step(BootstrapAsked{only_a()}, kStart);
  while (!out.save.empty()) out = raft.step(Saved{out.save.number}, kStart);
  return raft;
}

Proposed write(std::string payload, std::uint64_t ticket) {
  Proposal proposal;
  proposal.type = 7;
  proposal.payload = std::make_shared<const core::Bytes>(std::move(payload));
  proposal.ticket = ticket;
  return Proposed{{proposal}};
}

}  // namespace

TEST_CASE("an empty server waits for a configuration and stands for nothing", "[raft]") {
  Raft raft = fresh();
  CHECK_FALSE(raft.next_deadline());
  const auto out = raft.step(Woke{}, kStart + 1h);
  CHECK(out.save.empty());
  CHECK(raft.role() == Role::follower);
}

TEST_CASE("a cluster of one elects itself as soon as its vote is durable", "[raft][raft-5.2]") {
  Raft raft = fresh();
  auto out = raft.step(BootstrapAsked{only_a()}, kStart);
  REQUIRE(out.save.hard_state);
  CHECK(out.save.hard_state->term == Term{2});
  CHECK(out.save.append.size() == 1);
  CHECK(raft.role() == Role::candidate);
  out = raft.step(Saved{out.save.number}, kStart);
  CHECK(raft.role() == Role::leader);
  REQUIRE(out.save.append.size() == 1);
  CHECK(out.save.append.front().kind == EntryKind::noop);
  CHECK(raft.commit() == Index{0});
  out = raft.step(Saved{out.save.number}, kStart);
  CHECK(raft.commit() == Index{2});
  CHECK(out.committed.size() == 2);
}

TEST_CASE("a write commits when its save is durable, not before", "[raft][raft-5.3]") {
  Raft raft = leader_of_one();
  const auto first = raft.step(write("one", 11), kStart);
  const auto second = raft.step(write("two", 12), kStart);
  CHECK(first.committed.empty());
  REQUIRE(second.outcomes.size() == 1);
  CHECK(std::get<Appended>(second.outcomes[0]).id == EntryId{Term{2}, Index{4}});
  const auto out = raft.step(Saved{first.save.number}, kStart);
  REQUIRE(out.committed.size() == 1);
  CHECK(*out.committed[0].payload == "one");
  CHECK(raft.step(Saved{second.save.number}, kStart).committed.size() == 1);
}

TEST_CASE("a second bootstrap changes nothing", "[raft]") {
  Raft raft = leader_of_one();
  const auto out = raft.step(BootstrapAsked{only_a()}, kStart);
  CHECK(out.save.empty());
  CHECK(raft.term() == Term{2});
}

TEST_CASE("a restarted server hands out what was committed after what it had applied", "[raft]") {
  Raft raft = leader_of_one();
  auto out = raft.step(write("one", 1), kStart);
  const Entry entry = out.save.append.front();
  Restored restored;
  restored.hard_state = {Term{2}, ServerId{"a"}};
  restored.terms = {{Term{1}, Index{1}}, {Term{2}, Index{2}}};
  restored.base = {Term{2}, Index{2}};
  restored.configuration = only_a();
  restored.configuration_index = Index{1};
  restored.tail = {entry};
  restored.applied = Index{2};
  Config config;
  config.self = ServerId{"a"};
  Raft again(config, std::move(restored), core::Rng(1), core::Logger());
  REQUIRE(again.next_deadline());
  out = again.step(Woke{}, kStart);
  std::vector<Entry> committed;
  while (!out.save.empty()) {
    out = again.step(Saved{out.save.number}, kStart);
    committed.insert(committed.end(), out.committed.begin(), out.committed.end());
  }
  REQUIRE(committed.size() == 2);
  CHECK(committed[0].id == entry.id);
  CHECK(committed[1].id == EntryId{Term{3}, Index{4}});
}
