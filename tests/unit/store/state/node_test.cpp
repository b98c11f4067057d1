// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "tests/support/builders.h"
#include "tests/support/printers.h"
#include "tests/unit/store/state/feed.h"

using namespace core;
using namespace core::model;
using test::EvalBuilder;
using test::Fed;
using test::NodeBuilder;

namespace {

const NodeId kNode{test::uuid(1)};

NodeStatusChanged status_changed(NodeStatus status, std::string event = "") {
  return {.nodes = {{.node = kNode, .status = status, .description = "", .event = std::move(event)}}, .evals = {}};
}
DrainStrategy strategy(Duration deadline, WallTime started_at) {
  DrainStrategy strategy;
  strategy.deadline = deadline;
  strategy.started_at.at = started_at;
  return strategy;
}
NodeDrainChanged drain(std::optional<DrainStrategy> strategy, bool mark_eligible = false) {
  return {.node = kNode, .drain = std::move(strategy), .mark_eligible = mark_eligible, .event = "drain", .evals = {}};
}

}  // namespace

TEST_CASE("a new node is given its indexes, class and first event", "[state]") {
  Fed fed;
  const auto applied = fed.apply(NodeRegistered{NodeBuilder(1).with([](Node& n) { n.computed_class.clear(); }).build(), {}});
  REQUIRE(applied.outcome.ok());
  CHECK(applied.node_modify_index == Index{1});
  const auto node = fed.view().node(kNode);
  REQUIRE(node);
  CHECK(node->create_index == Index{1});
  CHECK(node->modify_index == Index{1});
  CHECK(node->computed_class == compute_class(*node));
  CHECK(node->status_updated_at == fed.feed.time());
  REQUIRE(node->events.size() == 1);
  CHECK(node->events[0]->message == "Node registered");
  CHECK(node->events[0]->subsystem == "Cluster");
  CHECK(node->events[0]->timestamp.at == fed.feed.time());
  CHECK(node->events[0]->create_index == Index{1});
}

TEST_CASE("registering again keeps what the servers decided", "[state]") {
  Fed fed;
  fed.done(NodeRegistered{NodeBuilder(1).build(), {}});
  fed.done(drain(strategy(1h, {})));
  fed.done(NodeRegistered{NodeBuilder(1).attribute("new", "1").build(), {}});
  const auto node = fed.view().node(kNode);
  CHECK(node->create_index == Index{1});
  CHECK(node->modify_index == Index{3});
  CHECK(node->drain.has_value());
  CHECK(node->eligibility == Eligibility::ineligible);
  CHECK(node->attributes.find("new") == "1");
  CHECK(node->events.size() == 2);
}

TEST_CASE("a node that comes back from the dead says so", "[state]") {
  Fed fed;
  fed.done(NodeRegistered{NodeBuilder(1).build(), {}});
  fed.done(status_changed(NodeStatus::down, "Node heartbeat missed"));
  fed.done(NodeRegistered{NodeBuilder(1).build(), {}});
  const auto node = fed.view().node(kNode);
  REQUIRE(node->events.size() == 3);
  CHECK(node->events[1]->message == "Node heartbeat missed");
  CHECK(node->events[2]->message == "Node re-registered");
}

TEST_CASE("another secret is another machine, and refused", "[state]") {
  Fed fed;
  fed.done(NodeRegistered{NodeBuilder(1).build(), {}});
  const auto error = fed.refused(NodeRegistered{NodeBuilder(1).with([](Node& n) { n.secret_id = "other"; }).build(), {}});
  CHECK(error == Error{Errc::denied, "node secret ID does not match"});
  CHECK(fed.view().node(kNode)->modify_index == Index{1});
}

TEST_CASE("a status change is stamped with the entry's time and stamps its evaluations", "[state]") {
  Fed fed;
  fed.done(NodeRegistered{NodeBuilder(1).build(), {}});
  auto event = status_changed(NodeStatus::down);
  event.evals = {EvalBuilder(1, "web").node(kNode).build()};
  const auto applied = fed.apply(event);
  CHECK(applied.node_modify_index == Index{2});
  CHECK(applied.eval_create_index == Index{2});
  CHECK(fed.view().node(kNode)->status == NodeStatus::down);
  CHECK(fed.view().node(kNode)->status_updated_at == fed.feed.time());
  CHECK(fed.view().eval(EvalId{test::uuid(1)})->node_modify_index == Index{2});
}

TEST_CASE("of several nodes those that are unknown are skipped; none known is an error", "[state]") {
  Fed fed;
  CHECK(fed.refused(status_changed(NodeStatus::down)) == Error{Errc::not_found, "node not found"});
  fed.done(NodeRegistered{NodeBuilder(1).build(), {}});
  auto event = status_changed(NodeStatus::down);
  event.nodes.push_back({.node = NodeId{"gone"}, .status = NodeStatus::down, .description = "", .event = ""});
  fed.done(event);
  CHECK(fed.view().node(kNode)->status == NodeStatus::down);
  CHECK(fed.view().node_count() == 1);
}

TEST_CASE("only the newest ten events of a node are kept", "[state]") {
  Fed fed;
  fed.done(NodeRegistered{NodeBuilder(1).build(), {}});
  for (int i = 0; i < 12; ++i) fed.done(status_changed(NodeStatus::ready, "event " + std::to_string(i)));
  const auto node = fed.view().node(kNode);
  REQUIRE(node->events.size() == kNodeEventsKept);
  CHECK(node->events.front()->message == "event 2");
  CHECK(node->events.back()->message == "event 11");
}

TEST_CASE("a draining node takes no work until its drain ends and it is marked eligible", "[state]") {
  Fed fed;
  fed.done(NodeRegistered{NodeBuilder(1).build(), {}});
  fed.done(drain(strategy(1h, test::kEpoch)));
  CHECK(fed.view().node(kNode)->eligibility == Eligibility::ineligible);

  SECTION("changing the drain keeps its beginning") {
    fed.done(drain(strategy(2h, test::kEpoch + 1h)));
    CHECK(fed.view().node(kNode)->drain->deadline == 2h);
    CHECK(fed.view().node(kNode)->drain->started_at.at == test::kEpoch);
  }
  SECTION("it cannot be made eligible meanwhile") {
    const auto error = fed.refused(NodeEligibilityChanged{kNode, Eligibility::eligible, {}});
    CHECK(error.detail == "can not set node's scheduling eligibility to eligible while it is draining");
  }
  SECTION("ending the drain leaves it ineligible") {
    fed.done(drain(std::nullopt));
    CHECK_FALSE(fed.view().node(kNode)->drain.has_value());
    CHECK(fed.view().node(kNode)->eligibility == Eligibility::ineligible);
    fed.done(NodeEligibilityChanged{kNode, Eligibility::eligible, {}});
    CHECK(fed.view().node(kNode)->takes_work());
    CHECK(fed.view().node(kNode)->events.back()->message == "Node marked as eligible for scheduling");
  }
  SECTION("unless it is marked eligible with it") {
    fed.done(drain(std::nullopt, true));
    CHECK(fed.view().node(kNode)->takes_work());
  }
}

TEST_CASE("what is done to an unknown node is refused", "[state]") {
  Fed fed;
  const Error not_found{Errc::not_found, "node not found"};
  CHECK(fed.refused(drain(DrainStrategy{})) == not_found);
  CHECK(fed.refused(NodeEligibilityChanged{kNode, Eligibility::ineligible, {}}) == not_found);
  CHECK(fed.refused(NodesDeregistered{{kNode}, {}, ""}) == not_found);
}

TEST_CASE("a purged node is gone; garbage collection spares one that came back", "[state]") {
  Fed fed;
  fed.done(NodeRegistered{NodeBuilder(1).build(), {}});
  SECTION("purged") {
    fed.done(NodesDeregistered{{kNode}, {}, ""});
    CHECK(fed.view().node(kNode) == nullptr);
    CHECK(test::facts<NodeRemoved>(fed.changes).size() == 1);
  }
  SECTION("collected") {
    fed.done(NodesDeregistered{{kNode}, {}, "node-gc"});
    CHECK(fed.view().node(kNode) != nullptr);
    fed.done(status_changed(NodeStatus::down));
    fed.done(NodesDeregistered{{kNode}, {}, "node-gc"});
    CHECK(fed.view().node(kNode) == nullptr);
  }
}
