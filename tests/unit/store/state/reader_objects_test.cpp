// SPDX-License-Identifier: MPL-2.0
// What the reader puts together from stored pieces is what the model makes of the whole object.
#include <catch2/catch.hpp>

#include "core/model/job_summary.h"
#include "tests/unit/store/state/reading.h"

using namespace core;
using namespace core::model;
using namespace store::state;
using test::good;
using test::Json;
using test::parsed;
using test::Reading;

namespace {

constexpr auto kOld = Shape::v0_1_2;

// Every member that http-api.md tables for the object in v1.1.0, apart from those of features that are
// not there (plugins, volumes, deployments).
void check_members(const Json& object, std::initializer_list<const char*> names) {
  for (const auto* const name : names) {
    CAPTURE(name);
    CHECK(object.member(name) != "(absent)");
  }
}

Node full_node() {
  auto node = test::NodeBuilder(7).node_class("big").reserved(100, 200).meta("rack", "r\"1\"").build();
  node.links = std::map<std::string, std::string>{{"consul", "node-7"}};
  node.drivers.change([](auto& drivers) {
    drivers["exec"].attributes["driver.exec"] = "1";
    drivers["exec"].update_time.at = test::kEpoch;
  });
  node.reserved.networks.emplace_back().reserved_ports.push_back({.label = "ssh", .value = 22});
  return node;
}

}  // namespace

TEST_CASE("a node reads as the model writes it, whatever happened to it", "[state][reader]") {
  Reading r;
  auto& s = r.scene;
  s.done(NodeRegistered{full_node(), {}});
  const NodeId id{test::uuid(7)};
  DrainStrategy drain;
  drain.deadline = 1h;
  drain.force_deadline.at = test::kEpoch + 1h;
  SECTION("registered") {}
  SECTION("draining") { s.done(NodeDrainChanged{id, drain, false, "Node drain strategy set", {}}); }
  SECTION("down") { s.done(NodeStatusChanged{{{id, NodeStatus::down, "no \"heartbeat\"\n", "gone"}}, {}}); }
  const auto node = s.view().node(id);
  const auto answer = good(get_node(r.reader, id));
  CHECK(answer.index == node->modify_index);
  CHECK(Json(answer.json).sorted() == Json(node_to_api(*node)).sorted());
  CHECK(parsed(get_node(r.reader, id, kOld)).sorted() == Json(node_to_api(*node, kOld)).sorted());
  check_members(Json(answer.json), {"ID", "SecretID", "Datacenter", "Name", "HTTPAddr", "TLSEnabled", "Attributes",
                                    "Resources", "Reserved", "NodeResources", "ReservedResources", "Links", "Meta",
                                    "NodeClass", "ComputedClass", "Drain", "DrainStrategy", "SchedulingEligibility",
                                    "Status", "StatusDescription", "StatusUpdatedAt", "Events", "Drivers",
                                    "HostVolumes", "LastDrain", "CreateIndex", "ModifyIndex"});
  CHECK(Json(answer.json).member("SecretID") == "\"\"");

  const auto list = parsed(list_nodes(r.reader, {.prefix = id.text}));
  REQUIRE(list.size() == 1);
  CHECK(test::sorted(list.root().element(0)) == Json(node_stub_to_api(*node)).sorted());
  const auto resources = parsed(list_nodes(r.reader, {.prefix = id.text, .resources = true}));
  CHECK(test::sorted(resources.root().element(0)) == Json(node_stub_to_api(*node, true)).sorted());
}

TEST_CASE("a node read at start is the node that was written", "[state]") {
  Reading r;
  r.scene.done(NodeRegistered{full_node(), {}});
  const auto before = r.scene.view().node(NodeId{test::uuid(7)});
  auto again = StateMachine::open(r.path);
  REQUIRE(again.ok());
  const auto after = again->view()->node(before->id);
  REQUIRE(after);
  CHECK(same_fields(*before, *after));
}

TEST_CASE("a job reads as the model writes it", "[state][reader]") {
  Reading r;
  auto& s = r.scene;
  s.done(s.placing(1));
  const auto job = s.job();
  REQUIRE(job->status == JobStatus::running);
  const auto answer = good(get_job(r.reader, s.key));
  CHECK(answer.index == job->modify_index);
  CHECK(Json(answer.json).sorted() == Json(job_to_api(*job)).sorted());
  CHECK(parsed(get_job(r.reader, s.key, kOld)).sorted() == Json(job_to_api(*job, kOld)).sorted());

  JobSummary summary;
  summary.job_id = job->id;
  summary.ns = job->ns;
  summary.summary["api"].starting = 1;
  summary.create_index = job->create_index;
  summary.modify_index = s.feed.last();
  const auto list = good(list_jobs(r.reader, {}));
  CHECK(list.index == s.feed.last());
  CHECK(test::sorted(Json(list.json).root().element(0)) == Json(job_stub_to_api(*job, summary)).sorted());
  const auto alone = good(get_job_summary(r.reader, s.key));
  CHECK(Json(alone.json).sorted() == Json(to_json(summary)).sorted());
  CHECK(alone.index == s.feed.last());
}

TEST_CASE("an allocation reads as the model writes it, with the job version it was placed from", "[state][reader]") {
  Reading r;
  auto& s = r.scene;
  auto event = s.placing(1);
  auto& placement = event.plans[0].placements[0];
  placement.metrics.nodes_evaluated = 2;
  placement.metrics.score_meta.push_back({NodeId{test::uuid(1)}, {{"binpack", 0.5}}, 0.5});
  placement.networks[""].emplace_back().dynamic_ports.push_back({.label = "http", .value = 20001});
  placement.reschedule_tracker.emplace().events.push_back({test::kEpoch, AllocId{"x"}, NodeId{"y"}, 5s});
  s.done(event);
  auto report = s.reporting(1, ClientStatus::running);
  report.allocs[0].client_description = "Tasks are \"running\"";
  report.allocs[0].task_states["server"].events.push_back({"Started", test::kEpoch, "", {{"k", "v"}}});
  s.done(report);
  const auto alloc = s.alloc(1);
  const auto version = parsed(get_job(r.reader, s.key)).sorted();

  const auto answer = good(get_alloc(r.reader, alloc->id));
  CHECK(answer.index == alloc->modify_index);
  const auto job_json = job_to_api(*alloc->job);
  CHECK(Json(answer.json).sorted() == Json(alloc_to_api(*alloc, job_json)).sorted());
  CHECK(parsed(get_alloc(r.reader, alloc->id, kOld)).sorted() == Json(alloc_to_api(*alloc, job_json, kOld)).sorted());
  const auto on_node = good(list_node_allocs(r.reader, alloc->node_id));
  CHECK(on_node.index == alloc->modify_index);
  CHECK(test::sorted(Json(on_node.json).root().element(0)) == Json(answer.json).sorted());

  const auto stub = Json(alloc_stub_to_api(*alloc, "service")).sorted();
  for (const auto& list : {parsed(list_allocs(r.reader, {})), parsed(list_job_allocs(r.reader, s.key, false)),
                           parsed(list_eval_allocs(r.reader, alloc->eval_id))}) {
    REQUIRE(list.size() == 1);
    CHECK(test::sorted(list.root().element(0)) == stub);
  }
  const auto resources = parsed(list_allocs(r.reader, {.resources = true}));
  CHECK(test::sorted(resources.root().element(0)) == Json(alloc_stub_to_api(*alloc, "service", true)).sorted());
  CHECK(parsed(list_allocs(r.reader, {.task_states = false})).member(0, "TaskStates") == "null");

  auto again = StateMachine::open(r.path);
  REQUIRE(again.ok());
  const auto read = again->view()->alloc(alloc->id);
  CHECK(same_fields(*alloc, *read));
  CHECK(same_fields(*alloc->job, *read->job));
}

TEST_CASE("task lifecycles of an allocation are those of its job", "[state][reader]") {
  Reading r;
  auto& s = r.scene;
  auto job = test::JobBuilder("web").group("api").task("setup").task("main").build();
  job.groups[0].tasks[0].lifecycle = Lifecycle{"prestart", false};
  s.done(s.registration(job, 2));
  s.done(s.placing(1));
  const auto alloc = s.alloc(1);
  CHECK(parsed(get_alloc(r.reader, alloc->id)).sorted() == Json(alloc_to_api(*alloc, job_to_api(*alloc->job))).sorted());
}

TEST_CASE("an evaluation reads as the model writes it", "[state][reader]") {
  Reading r;
  auto& s = r.scene;
  auto event = s.ending(1);
  event.evals[0].failed_groups["api"].constraint_filtered["${attr.kernel.name} = windows"] = 2;
  event.evals[0].queued_allocations["api"] = 3;
  event.evals[0].status = EvalStatus::blocked;
  s.done(event);
  const auto eval = s.eval(1);
  const auto answer = good(get_eval(r.reader, eval->id));
  CHECK(answer.index == eval->modify_index);
  CHECK(Json(answer.json).sorted() == Json(eval_to_api(*eval)).sorted());
  CHECK(parsed(get_eval(r.reader, eval->id, kOld)).member("Status") == "\"complete\"");
  for (const auto& list : {parsed(list_evals(r.reader, {})), parsed(list_job_evals(r.reader, s.key))}) {
    REQUIRE(list.size() == 1);
    CHECK(test::sorted(list.root().element(0)) == Json(answer.json).sorted());
  }
}

TEST_CASE("v0.1.2 clients find what was not placed among the allocations", "[state][reader]") {
  Reading r;
  auto& s = r.scene;
  s.done(s.placing(1));
  auto event = s.ending(1);
  event.evals[0].failed_groups["api"].coalesced_failures = 2;
  s.done(event);
  const ListOptions old{.shape = kOld};
  CHECK(parsed(list_job_allocs(r.reader, s.key, false)).size() == 1);
  CHECK(parsed(list_job_allocs(r.reader, s.key, false, old)).size() == 2);
  const auto list = parsed(list_eval_allocs(r.reader, s.eval(1)->id, old));
  REQUIRE(list.size() == 2);
  CHECK(list.member(1, "ClientStatus") == "\"failed\"");
  CHECK(list.member(1, "DesiredDescription") == "\"failed to find a node for placement\"");
  const auto quoted = list.member(1, "ID");
  const AllocId id{quoted.substr(1, quoted.size() - 2)};
  CHECK(is_uuid(id.text));
  CHECK(good(get_alloc(r.reader, id)).found);  // copied from an old client to a new one
  const auto full = parsed(get_alloc(r.reader, id, kOld));
  CHECK(full.member("TaskGroup") == "\"api\"");
  CHECK(full.member("Metrics").find("\"CoalescedFailures\":2") != std::string::npos);
}
