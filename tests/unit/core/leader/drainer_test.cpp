// SPDX-License-Identifier: MPL-2.0
#include "core/leader/drainer.h"

#include <catch2/catch.hpp>

#include "tests/support/builders.h"
#include "tests/support/memory_state.h"
#include "tests/support/printers.h"

using namespace core;
using namespace core::leader;
using namespace core::model;
using test::AllocBuilder;
using test::JobBuilder;
using test::MemoryState;
using test::NodeBuilder;

namespace {

constexpr Instant kStart{};
constexpr WallTime kWall{1'700'000'000'000'000'000};

// State and drainer see the same changes, as in a server.
struct World {
  MemoryState state;
  Drainer drainer;
  std::uint64_t index = 1;

  void apply(Fact fact) {
    const Change change{Index{++index}, std::move(fact)};
    state.apply({change});
    drainer.on_change(change);
  }
  void put(const AllocPtr& alloc) { apply(AllocChanged{alloc}); }
  void put(const NodePtr& node) { apply(NodeChanged{node}); }
  void put(const JobPtr& job) { apply(JobChanged{job}); }

  // Carries out what the drainer asks for; returns how many were marked.
  std::size_t advance(Duration after = {}) {
    step = drainer.advance(state, kStart + after, kWall + after);
    for (const auto& [id, transition] : step.migrate) {
      auto alloc = *state.alloc(id);
      alloc.desired_transition = transition;
      put(std::make_shared<const Allocation>(alloc));
    }
    return step.migrate.size();
  }
  // The scheduler replaces a marked allocation by one on `to`, and its client stops it.
  void move(const AllocId& id, const NodePtr& to) {
    auto stopped = *state.alloc(id);
    stopped.desired_status = DesiredStatus::stop;
    stopped.client_status = ClientStatus::complete;
    put(std::make_shared<const Allocation>(stopped));
    auto fresh = stopped;
    fresh.id.text = test::uuid(1000 + index);
    fresh.node_id = to->id;
    fresh.desired_status = DesiredStatus::run;
    fresh.desired_transition = {};
    fresh.client_status = ClientStatus::pending;
    put(std::make_shared<const Allocation>(fresh));
    moved_to = fresh.id;
  }
  void set_client(const AllocId& id, ClientStatus status) {
    auto alloc = *state.alloc(id);
    alloc.client_status = status;
    put(std::make_shared<const Allocation>(alloc));
  }

  Drainer::Step step;
  AllocId moved_to;
};

JobPtr service(std::int64_t count, std::int64_t max_parallel = 1) {
  return JobBuilder("svc").count(count).with([&](Job& j) {
    j.groups[0].migrate.emplace();
    j.groups[0].migrate->max_parallel = max_parallel;
  }).share();
}
AllocPtr running(const JobPtr& job, const NodePtr& node, std::uint64_t n) {
  return AllocBuilder(job, node, n).id(test::uuid(n)).client(ClientStatus::running).share();
}
NodePtr draining(std::uint64_t n, Duration deadline = 1h) {
  return NodeBuilder(n).draining(deadline).with([&](Node& node) {
    if (deadline > 0s) node.drain->force_deadline.at = kWall + deadline;
  }).share();
}

}  // namespace

TEST_CASE("service work leaves a draining node batch by batch", "[leader][drain]") {
  World w;
  const auto node = draining(1), other = NodeBuilder(2).share();
  const auto job = service(3);
  w.put(other);
  w.put(job);
  for (std::uint64_t n = 1; n <= 3; ++n) w.put(running(job, node, n));
  w.put(node);

  for (int moves = 0; moves < 3; ++moves) {
    REQUIRE(w.advance() == 1);
    CHECK(w.step.done.empty());
    const auto leaving = w.step.migrate.begin()->first;
    CHECK(w.advance() == 0);  // it was asked for already
    w.move(leaving, other);
    CHECK(w.advance() == 0);  // the replacement does not run yet
    CHECK(w.step.done == (moves == 2 ? std::vector{node->id} : std::vector<NodeId>{}));
    w.set_client(w.moved_to, ClientStatus::running);
  }
  CHECK(w.advance() == 0);
  CHECK(w.step.done.empty());  // told once
}

TEST_CASE("a batch is as large as the group allows, over all draining nodes", "[leader][drain]") {
  World w;
  const auto a = draining(1), b = draining(2);
  const auto job = service(4, 2);
  w.put(job);
  w.put(running(job, a, 1));
  w.put(running(job, a, 2));
  w.put(running(job, b, 3));
  w.put(running(job, b, 4));
  w.put(a);
  w.put(b);
  CHECK(w.advance() == 2);
}

TEST_CASE("work that is missing already is not made scarcer", "[leader][drain]") {
  World w;
  const auto node = draining(1), other = NodeBuilder(2).share();
  const auto job = service(3);
  w.put(job);
  w.put(running(job, node, 1));
  w.put(running(job, other, 2));
  w.put(AllocBuilder(job, other, 3).id(test::uuid(3)).share());  // pending
  w.put(node);
  CHECK(w.advance() == 0);
  w.set_client({test::uuid(3)}, ClientStatus::running);
  CHECK(w.advance() == 1);
}

TEST_CASE("what does not run yet may move at any time", "[leader][drain]") {
  World w;
  const auto node = draining(1);
  const auto job = service(2);
  w.put(job);
  w.put(AllocBuilder(job, node, 1).id(test::uuid(1)).share());
  w.put(AllocBuilder(job, node, 2).id(test::uuid(2)).share());
  w.put(node);
  CHECK(w.advance() == 2);
}

TEST_CASE("batch work may finish until the deadline", "[leader][drain]") {
  World w;
  const auto node = draining(1, 1h);
  const auto job = JobBuilder("bat").type("batch").share();
  w.put(job);
  w.put(running(job, node, 1));
  w.put(node);
  CHECK(w.advance() == 0);
  REQUIRE(w.drainer.next_deadline() == kStart + 1h);
  SECTION("and then must go") {
    CHECK(w.advance(1h) == 1);
    w.set_client({test::uuid(1)}, ClientStatus::complete);
    w.advance(1h);
    CHECK(w.step.done == std::vector{node->id});
  }
  SECTION("or finishes in time") {
    w.set_client({test::uuid(1)}, ClientStatus::complete);
    w.advance(1min);
    CHECK(w.step.done == std::vector{node->id});
  }
}

TEST_CASE("past the deadline everything left goes at once", "[leader][drain]") {
  World w;
  const auto deadline = GENERATE(as<Duration>{}, -1s, 10min);
  const auto node = draining(1, deadline);
  const auto job = service(5);
  w.put(job);
  for (std::uint64_t n = 1; n <= 5; ++n) w.put(running(job, node, n));
  w.put(node);
  if (deadline > 0s) CHECK(w.advance() == 1);
  CHECK(w.advance(10min) == (deadline > 0s ? 4u : 5u));
}

TEST_CASE("without a deadline batch work is waited for", "[leader][drain]") {
  World w;
  const auto node = draining(1, 0s);
  const auto job = JobBuilder("bat").type("batch").share();
  w.put(job);
  w.put(running(job, node, 1));
  w.put(node);
  CHECK(w.advance(1000h) == 0);
  CHECK(!w.drainer.next_deadline());
}

TEST_CASE("system work leaves last, or stays when asked", "[leader][drain]") {
  World w;
  const auto ignore = GENERATE(false, true);
  const auto node = NodeBuilder(1).draining(0s).with([&](Node& n) { n.drain->ignore_system_jobs = ignore; }).share();
  const auto sys = JobBuilder("sys").type("system").share(), batch = JobBuilder("bat").type("batch").share();
  w.put(sys);
  w.put(batch);
  w.put(running(sys, node, 1));
  w.put(running(batch, node, 2));
  w.put(node);
  CHECK(w.advance() == 0);
  w.set_client({test::uuid(2)}, ClientStatus::complete);
  CHECK(w.advance() == (ignore ? 0u : 1u));
  CHECK(w.step.done.empty() == !ignore);
}

TEST_CASE("a stopped task is waited for until its client says that it ended", "[leader][drain]") {
  World w;
  const auto node = draining(1);
  const auto job = service(1);
  w.put(job);
  auto stopping = *running(job, node, 1);
  stopping.desired_status = DesiredStatus::stop;
  w.put(std::make_shared<const Allocation>(stopping));
  w.put(node);
  CHECK(w.advance() == 0);
  CHECK(w.step.done.empty());
  SECTION("it does") { w.set_client({test::uuid(1)}, ClientStatus::complete); }
  SECTION("it never will: the node is down") {
    auto down = *node;
    down.status = NodeStatus::down;
    w.put(std::make_shared<const Node>(down));
  }
  w.advance();
  CHECK(w.step.done == std::vector{node->id});
}

TEST_CASE("a drain that is called off is forgotten", "[leader][drain]") {
  World w;
  const auto node = draining(1);
  const auto job = service(2);
  w.put(job);
  w.put(running(job, node, 1));
  w.put(node);
  w.put(NodeBuilder(1).share());
  CHECK(w.advance() == 0);
  CHECK(w.step.done.empty());
  CHECK(!w.drainer.next_deadline());
  CHECK(!w.drainer.pending());
}

TEST_CASE("what was asked for in vain is asked for again", "[leader][drain]") {
  World w;
  const auto node = draining(1);
  const auto job = service(1);
  w.put(job);
  w.put(running(job, node, 1));
  w.put(node);
  CHECK(w.drainer.advance(w.state, kStart, kWall).migrate.size() == 1);  // lost on its way
  CHECK(w.drainer.advance(w.state, kStart + 1s, kWall + 1s).migrate.empty());
  REQUIRE(w.drainer.next_deadline() == kStart + 30s);
  CHECK(w.drainer.advance(w.state, kStart + 30s, kWall + 30s).migrate.size() == 1);
}

TEST_CASE("a new leader takes up where the last one stopped", "[leader][drain]") {
  World w;
  const auto node = draining(1), other = NodeBuilder(2).share();
  const auto job = service(2);
  w.put(job);
  w.put(running(job, node, 1));
  auto leaving = *running(job, node, 2);
  leaving.desired_transition.migrate = true;
  w.put(std::make_shared<const Allocation>(leaving));
  w.put(node);
  Drainer next;
  next.rebuild(w.state);
  CHECK(next.pending());
  CHECK(next.advance(w.state, kStart, kWall).migrate.empty());  // one is on its way already
  w.drainer = std::move(next);
  w.move({test::uuid(2)}, other);
  w.set_client(w.moved_to, ClientStatus::running);
  CHECK(w.advance() == 1);
}
