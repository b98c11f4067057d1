// SPDX-License-Identifier: MPL-2.0
// The same entries give the same state, however they are cut into batches and however often the
// process began anew in between.
#include <catch2/catch.hpp>

#include "core/base/rng.h"
#include "tests/support/printers.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/store/state/scene.h"

using namespace core;
using namespace core::model;
using store::state::StateMachine;
using test::Scene;

namespace {

// A history of everything there is, some of it refused, drawn from a seed.
class History {
 public:
  explicit History(std::uint64_t seed) : rng_(seed) {}

  std::vector<raft::Entry> make(std::size_t events) {
    for (std::size_t i = 0; i < events; ++i) {
      if (rng_.below(20) == 0) scene_.feed.pass(10min);
      scene_.apply(next());
    }
    scene_.apply_entry(scene_.feed.noop());
    raft::Configuration configuration;
    configuration.put({.id = ServerId{test::uuid(rng_.below(5))}, .address = "127.0.0.1:4647", .voter = true});
    scene_.apply_entry(scene_.feed.configuration(configuration));
    return scene_.feed.log();
  }
  Digest digest() { return scene_.digest(); }

 private:
  std::uint64_t some(std::uint64_t n) { return rng_.below(n); }
  JobKey job_key() { return {"default", {"job-" + std::to_string(some(4))}}; }
  Job job() {
    auto builder = test::JobBuilder(job_key().id.text).group("api", static_cast<std::int64_t>(1 + some(3)));
    if (some(3) == 0) builder.port("http");
    auto job = builder.build();
    if (some(4) == 0) job.parent_id = "job-0";
    return job;
  }
  Evaluation eval() {
    auto eval = test::EvalBuilder(some(40), job_key().id.text).status(static_cast<EvalStatus>(some(5))).build();
    if (some(3) == 0) eval.failed_groups["api"].nodes_evaluated = 3;
    eval.queued_allocations["api"] = static_cast<std::int64_t>(some(3));
    return eval;
  }
  std::vector<Evaluation> evals() { return some(2) == 0 ? std::vector<Evaluation>{} : std::vector{eval()}; }
  NodeId node_id() { return {test::uuid(1 + some(5))}; }
  AllocId alloc_id() { return {test::uuid(0xa000 + some(30))}; }

  PlansApplied plan() {
    Plan plan;
    plan.eval_id = eval().id;
    plan.job = job_key();
    plan.job_version = some(4);
    PlanGroup group;
    group.name = "api";
    group.tasks["server"].cpu = 100;
    plan.groups = {group};
    for (auto n = some(4); n > 0; --n) {
      Placement placement;
      placement.id = alloc_id();
      placement.name = plan.job.id.text + ".api[0]";
      placement.node_id = node_id();
      placement.metrics.scores["binpack"] = 0.25;
      if (some(3) == 0) placement.previous_allocation = alloc_id();
      plan.placements.push_back(std::move(placement));
    }
    if (some(2) == 0) plan.stops.push_back({.id = alloc_id(), .node_id = {}, .description = "no", .client_status = {}, .followup_eval = {}});
    return {{plan}, evals()};
  }
  AllocsUpdatedByClient report() {
    AllocsUpdatedByClient event;
    for (auto n = some(4); n > 0; --n) {
      AllocClientUpdate update;
      update.id = alloc_id();
      update.client_status = static_cast<ClientStatus>(some(5));
      update.task_states["server"].restarts = some(3);
      update.task_states["server"].events.push_back({"Started", scene_.feed.time(), "", {}});
      event.allocs.push_back(std::move(update));
    }
    event.evals = evals();
    return event;
  }
  Reaped reaped() {
    Reaped event{.collected_by = "eval-gc", .evals = {}, .allocs = {}, .jobs = {}};
    for (auto n = some(10); n > 0; --n) event.allocs.push_back(alloc_id());
    for (auto n = some(10); n > 0; --n) event.evals.push_back(eval().id);
    if (some(2) == 0) event.jobs.push_back(job_key());
    return event;
  }

  Event next() {
    switch (some(12)) {
      case 0: return JobRegistered{job(), evals(), some(4) == 0, Index{some(10)}, some(2) == 0};
      case 1: return JobDeregistered{job_key(), some(2) == 0, evals()};
      case 2: return NodeRegistered{test::NodeBuilder(1 + some(5)).attribute("a", std::to_string(some(3))).build(), evals()};
      case 3: return NodeStatusChanged{{{node_id(), static_cast<NodeStatus>(some(3)), "", some(2) == 0 ? "seen" : ""}}, evals()};
      case 4: return NodeDrainChanged{node_id(), some(2) == 0 ? std::optional(DrainStrategy{}) : std::nullopt, some(2) == 0, "drain", evals()};
      case 5: return NodeEligibilityChanged{node_id(), static_cast<Eligibility>(some(2)), evals()};
      case 6: return NodesDeregistered{{node_id()}, evals(), some(2) == 0 ? "" : "node-gc"};
      case 7: return EvalsUpdated{{eval()}};
      case 8: return reaped();
      case 9: return report();
      case 10: return AllocTransitionsSet{{{alloc_id(), {.migrate = true, .reschedule = {}, .force_reschedule = {}}}}, evals()};
      default: return plan();
    }
  }

  Rng rng_;
  Scene scene_;
};

Digest replay(StateMachine& state, const std::vector<raft::Entry>& log, std::size_t from, std::size_t to) {
  const auto batch = state.apply(std::span(log).subspan(from, to - from));
  INFO((batch.ok() ? std::string() : batch.error().detail));
  REQUIRE(batch.ok());
  auto digest = state.digest();
  REQUIRE(digest.ok());
  return *digest;
}

StateMachine opened(const std::string& path) {
  auto state = StateMachine::open(path);
  INFO((state.ok() ? std::string() : state.error().detail));
  REQUIRE(state.ok());
  return std::move(state).value();
}

}  // namespace

TEST_CASE("one batch, many batches and restarts in between end in the same state", "[state][replay]") {
  const auto seed = GENERATE(range(1U, 13U));
  CAPTURE(seed);
  History history(seed);
  const auto log = history.make(300);
  const auto expected = history.digest();

  SECTION("all in one batch") {
    auto state = opened(":memory:");
    CHECK(replay(state, log, 0, log.size()) == expected);
  }
  SECTION("in batches of any size, the process beginning anew between some of them") {
    test::TempDir directory;
    Rng rng(seed);
    auto state = std::make_unique<StateMachine>(opened(directory / "state.db"));
    Digest last;
    for (std::size_t at = 0; at < log.size();) {
      const auto end = std::min<std::size_t>(log.size(), at + 1 + rng.below(40));
      last = replay(*state, log, at, end);
      at = end;
      if (rng.below(3) != 0) continue;
      state.reset();
      state = std::make_unique<StateMachine>(opened(directory / "state.db"));
      REQUIRE(state->applied() == log[at - 1].id);
      REQUIRE(state->meta().digest == log[at - 1].digest);
      REQUIRE(*state->digest() == last);
    }
    CHECK(last == expected);
  }
}

TEST_CASE("changes and outcomes do not depend on batches or restarts", "[state][replay]") {
  const auto seed = GENERATE(range(20U, 24U));
  CAPTURE(seed);
  History history(seed);
  const auto log = history.make(200);
  test::TempDir directory;
  auto whole = opened(":memory:");
  auto batch = whole.apply(log);
  REQUIRE(batch.ok());
  std::size_t change = 0;
  for (std::size_t i = 0; i < log.size(); ++i) {
    auto state = opened(directory / "state.db");
    const auto one = state.apply({&log[i], 1});
    REQUIRE(one.ok());
    CHECK(one->applied[0].id == batch->applied[i].id);
    CHECK(one->applied[0].outcome.ok() == batch->applied[i].outcome.ok());
    CHECK(one->applied[0].job_modify_index == batch->applied[i].job_modify_index);
    for (const auto& c : one->changes) {
      REQUIRE(change < batch->changes.size());
      CHECK(c.index == batch->changes[change].index);
      CHECK(c.fact.index() == batch->changes[change].fact.index());
      ++change;
    }
  }
  CHECK(change == batch->changes.size());
}
