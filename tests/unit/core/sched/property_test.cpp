// SPDX-License-Identifier: MPL-2.0
// Random clusters, jobs and mishaps: what must hold after every decision, and where it must end up.
#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <set>

#include "core/sched/constraint.h"
#include "core/sched/feasible.h"
#include "core/sched/reconcile.h"
#include "tests/support/printers.h"
#include "tests/unit/core/sched/world.h"

using namespace core;
using namespace core::model;
using test::JobBuilder;
using test::NodeBuilder;
using test::World;

namespace {

constexpr std::uint64_t kNodes = 8;
constexpr int kJobs = 4;

class Story {
 public:
  explicit Story(std::uint64_t seed) : rng_(seed), world_(seed) {
    for (std::uint64_t n = 1; n <= kNodes; ++n)
      world_.add(NodeBuilder(n)
                     .resources(rng_.between(500, 4000), rng_.between(500, 4000), 20'000)
                     .datacenter(rng_.chance(800) ? "dc1" : "dc2")
                     .meta("rack", "r" + std::to_string(rng_.below(3))));
    for (int i = 0; i < kJobs; ++i) register_job(i);
  }

  void step() {
    const auto index = static_cast<int>(rng_.below(kJobs));
    switch (rng_.below(7)) {
      case 0: register_job(index); break;
      case 1: toggle(NodeId{test::uuid(1 + rng_.below(kNodes))}); break;
      case 2: touch_alloc(index, ClientStatus::failed); break;
      case 3: touch_alloc(index, ClientStatus::complete); break;
      case 4: migrate(index); break;
      case 5: world_.pass(std::chrono::seconds(rng_.below(90))); break;
      default: world_.settle(); break;
    }
    decide_all();
  }

  // Time passes and clients do their work until nothing is left to do.
  void calm_down() {
    for (std::uint64_t n = 1; n <= kNodes; ++n) world_.set_node({test::uuid(n)}, NodeStatus::ready);
    for (int round = 0; round < 40; ++round) {
      world_.settle();
      world_.pass(1h);
      decide_all();
    }
  }

  void check_ended() {
    world_.state().each_job([&](const JobPtr& job) {
      const auto decision = world_.decide(*job, trigger::kNodeUpdate);
      CAPTURE(job->id.text);
      CHECK(decision.plan.empty());
      for (const auto& group : job->groups) {
        const auto queued = decision.eval.queued_allocations.contains(group.name)
                                ? decision.eval.queued_allocations.at(group.name) : 0;
        CHECK(held(*job, group) + queued >= (job->stop ? 0 : *group.count));
        CHECK((queued == 0 || decision.eval.failed_groups.contains(group.name)));
      }
    });
  }

 private:
  void register_job(int index) {
    const auto name = "job" + std::to_string(index);
    JobBuilder job(name);
    if (index == 3) job.type("batch");
    const auto groups = 1 + rng_.below(2);
    for (std::uint64_t g = 0; g < groups; ++g) {
      job.group("g" + std::to_string(g), rng_.between(0, 6)).task("server", rng_.between(50, 900), rng_.between(50, 900));
      if (rng_.chance(400)) job.port("http");
      if (rng_.chance(250)) job.static_port("admin", 9000 + rng_.between(0, 2));
    }
    if (rng_.chance(300)) job.constraint("${meta.rack}", "!=", "r" + std::to_string(rng_.below(3)));
    if (rng_.chance(200)) job.with([](Job& j) { j.constraints.push_back({"", "", "distinct_hosts"}); });
    if (rng_.chance(300)) job.update(rng_.between(1, 3), 30s);
    if (rng_.chance(100)) job.stopped();
    run(world_.add(job), trigger::kJobRegister);
  }

  void toggle(const NodeId& id) {
    const auto up = world_.state().node(id)->status == NodeStatus::ready;
    world_.set_node(id, up ? NodeStatus::down : NodeStatus::ready);
  }

  AllocPtr some_alloc(int index) {
    const auto job = world_.state().job({"default", {"job" + std::to_string(index)}});
    const auto live = world_.live(*job);
    return live.empty() ? nullptr : live[rng_.below(live.size())];
  }
  void touch_alloc(int index, ClientStatus status) {
    if (const auto alloc = some_alloc(index)) world_.set_client(alloc->id, status);
  }
  void migrate(int index) {
    if (const auto alloc = some_alloc(index)) world_.mark_migrate(alloc->id);
  }

  void decide_all() {
    std::vector<JobPtr> jobs;
    world_.state().each_job([&](const JobPtr& job) { jobs.push_back(job); });
    for (const auto& job : jobs) run(job, trigger::kNodeUpdate);
  }

  // The job, and then every evaluation of it that is due.
  void run(const JobPtr& job, const char* trigger) {
    world_.run(*job, trigger);
    check();
    for (const auto& eval : world_.state().evals_of(key(*job))) {
      const bool due = eval->status == EvalStatus::blocked ||
                       (eval->status == EvalStatus::pending && eval->wait_until.at <= world_.now());
      if (!due) continue;
      world_.run(*eval);
      check();
    }
  }

  // What holds whatever happens. (A CHECK that passes costs a microsecond, and here are millions.)
  void expect(bool holds, const std::string& what) {
    if (!holds) FAIL_CHECK(what);
  }
  void check() {
    world_.state().each_node([&](const NodePtr& node) { check(*node); });
    world_.state().each_job([&](const JobPtr& job) { check(*job); });
  }

  void check(const Node& node) {
    expect(over(world_.state().used_on(node.id), capacity(node)).empty(), "node over capacity");
    std::set<std::int64_t> ports;
    for (const auto& alloc : world_.state().allocs_on(node.id)) {
      if (alloc->terminal()) continue;
      for (const auto& network : alloc->shared.networks)
        for (const auto* list : {&network.reserved_ports, &network.dynamic_ports})
          for (const auto& port : *list) expect(ports.insert(port.value).second, "port given twice");
    }
  }

  void check(const Job& job) {
    std::set<std::string> names;
    std::map<std::string, std::int64_t> live;
    for (const auto& alloc : world_.live(job)) {
      expect(names.insert(alloc->name).second, alloc->name + " exists twice");
      ++live[alloc->task_group];
      const auto node = world_.state().node(alloc->node_id);
      expect(sched::in_datacenters(*alloc->job, node->datacenter), alloc->name + " in a foreign datacenter");
      for (const auto& constraint : alloc->job->constraints)
        expect(sched::is_distinct(constraint) || sched::Predicate(constraint).holds(*node),
               alloc->name + " breaks a constraint");
    }
    check_distinct_hosts(job);
    for (const auto& group : job.groups) expect(job.stop || live[group.name] <= *group.count, "more than wanted");
  }

  void check_distinct_hosts(const Job& job) {
    const bool distinct = std::any_of(job.constraints.begin(), job.constraints.end(), sched::is_distinct);
    std::set<NodeId> hosts;
    for (const auto& alloc : world_.live(job))
      if (distinct && sched::is_current(*alloc, job))
        expect(hosts.insert(alloc->node_id).second, alloc->name + " shares its host");
  }

  // Places taken: running, done, or failed for good.
  std::int64_t held(const Job& job, const TaskGroup& group) {
    std::int64_t count = 0;
    for (const auto& alloc : world_.allocs(job)) {
      if (alloc->task_group != group.name || !alloc->next_allocation.empty()) continue;
      const bool done = job.type == "batch" && alloc->client_status == ClientStatus::complete;
      const bool dead = alloc->client_status == ClientStatus::failed && !alloc->server_terminal();
      if (!alloc->terminal() || done || dead) ++count;
    }
    return count;
  }

  Rng rng_;
  World world_;
};

}  // namespace

TEST_CASE("no decision breaks capacity, ports, names, constraints or counts, and jobs get what they want",
          "[sched][property]") {
  const auto seed = GENERATE(range(1, 41));
  CAPTURE(seed);
  Story story(static_cast<std::uint64_t>(seed));
  for (int i = 0; i < 25; ++i) story.step();
  story.calm_down();
  story.check_ended();
}
