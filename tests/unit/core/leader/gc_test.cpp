// SPDX-License-Identifier: MPL-2.0
#include "core/leader/gc.h"

#include <catch2/catch.hpp>

#include "core/base/limits.h"
#include "tests/support/builders.h"
#include "tests/support/memory_state.h"
#include "tests/support/printers.h"

using namespace core;
using namespace core::leader;
using namespace core::model;
using test::AllocBuilder;
using test::EvalBuilder;
using test::JobBuilder;
using test::MemoryState;
using test::NodeBuilder;

namespace {

constexpr WallTime kNow{1'700'000'000'000'000'000};
constexpr Duration kOld = -25h, kNew = -1min;

struct World {
  MemoryState state;
  JobPtr job = JobBuilder().with([](Job& j) { j.status = JobStatus::running; }).share();
  NodePtr node = NodeBuilder(1).share();

  World() { state.put(job).put(node); }

  void change_job(JobStatus status, bool stop, std::string type = "service", Duration age = kOld) {
    job = JobBuilder().type(std::move(type)).with([&](Job& j) {
      j.status = status;
      j.stop = stop;
      j.submit_time = kNow + age;
      j.create_index = {50};
    }).share();
    state.put(job);
  }
  EvalPtr eval(std::uint64_t n, EvalStatus status = EvalStatus::complete, Duration age = kOld) {
    const auto made = EvalBuilder(n, *job).status(status).with([&](Evaluation& e) { e.modify_time = kNow + age; }).share();
    state.put(made);
    return made;
  }
  template <class Change>
  AllocPtr alloc(std::uint64_t n, const EvalPtr& of, ClientStatus status, Duration age, Change&& change) {
    const auto made = AllocBuilder(job, node, n).id(test::uuid(n)).eval(of->id).client(status)
                          .with([&](Allocation& a) { a.modify_time = kNow + age; }).with(change).share();
    state.put(made);
    return made;
  }
  AllocPtr alloc(std::uint64_t n, const EvalPtr& of, ClientStatus status, Duration age = kOld) {
    return alloc(n, of, status, age, [](Allocation&) {});
  }
};

struct Found {
  std::vector<std::string> evals, allocs, jobs, nodes;
};
Found found(const StateView& view, const char* kind) {
  Found out;
  for (const auto& event : collect(kind, view, kNow, {})) {
    if (const auto* reaped = std::get_if<Reaped>(&event)) {
      CHECK(reaped->collected_by == kind);
      for (const auto& id : reaped->evals) out.evals.push_back(id.text);
      for (const auto& id : reaped->allocs) out.allocs.push_back(id.text);
      for (const auto& id : reaped->jobs) out.jobs.push_back(id.id.text);
    } else {
      for (const auto& id : std::get<NodesDeregistered>(event).nodes) out.nodes.push_back(id.text);
    }
  }
  return out;
}
using Ids = std::vector<std::string>;

}  // namespace

TEST_CASE("an old, ended evaluation goes with its ended allocations", "[leader][gc]") {
  World w;
  const auto eval = w.eval(1);
  w.alloc(2, eval, ClientStatus::complete);
  const auto out = found(w.state, "eval-gc");
  CHECK(out.evals == Ids{test::uuid(1)});
  CHECK(out.allocs == Ids{test::uuid(2)});
}

TEST_CASE("what is young or goes on stays", "[leader][gc]") {
  World w;
  SECTION("a young evaluation") { w.alloc(2, w.eval(1, EvalStatus::complete, kNew), ClientStatus::complete); }
  SECTION("a pending evaluation") { w.eval(1, EvalStatus::pending); }
  SECTION("a blocked evaluation") { w.eval(1, EvalStatus::blocked); }
  SECTION("one whose allocation runs") { w.alloc(2, w.eval(1), ClientStatus::running); }
  SECTION("one whose allocation ended lately") { w.alloc(2, w.eval(1), ClientStatus::complete, kNew); }
  SECTION("one whose stopped allocation has not ended") {
    w.alloc(2, w.eval(1), ClientStatus::running, kOld, [](Allocation& a) { a.desired_status = DesiredStatus::stop; });
  }
  const auto out = found(w.state, "eval-gc");
  CHECK(out.evals.empty());
  CHECK(out.allocs.empty());
}

TEST_CASE("an allocation may go before its evaluation", "[leader][gc]") {
  World w;
  const auto eval = w.eval(1);
  w.alloc(2, eval, ClientStatus::complete);
  w.alloc(3, eval, ClientStatus::running);
  const auto out = found(w.state, "eval-gc");
  CHECK(out.evals.empty());
  CHECK(out.allocs == Ids{test::uuid(2)});
}

TEST_CASE("a failed allocation stays while it may be rescheduled", "[leader][gc]") {
  World w;
  const auto with_policy = [&](std::int64_t attempts, bool unlimited) {
    w.job = JobBuilder().with([&](Job& j) { j.status = JobStatus::running; }).group("web").with([&](Job& j) {
      j.groups[0].reschedule_policy = ReschedulePolicy{attempts, 24h, 30s, 1h, "constant", unlimited};
    }).share();
    w.state.put(w.job);
  };
  const auto tracked = [](Duration age) {
    return [age](Allocation& a) {
      a.reschedule_tracker.emplace();
      a.reschedule_tracker->events.push_back({kNow + age, {}, {}, {}});
    };
  };
  const auto plain = [](Allocation&) {};
  bool goes = false;
  SECTION("unlimited attempts") {
    with_policy(0, true);
    w.alloc(2, w.eval(1), ClientStatus::failed, kOld, plain);
  }
  SECTION("attempts left in the interval") {
    with_policy(2, false);
    w.alloc(2, w.eval(1), ClientStatus::failed, kOld, tracked(-23h));
  }
  SECTION("never rescheduled yet") {
    with_policy(2, false);
    w.alloc(2, w.eval(1), ClientStatus::failed, kOld, plain);
  }
  SECTION("not after the interval") {
    with_policy(2, false);
    w.alloc(2, w.eval(1), ClientStatus::failed, kOld, tracked(-25h));
    goes = true;
  }
  SECTION("not when it has been already") {
    with_policy(0, true);
    w.alloc(2, w.eval(1), ClientStatus::failed, kOld, [](Allocation& a) { a.next_allocation = {"next"}; });
    goes = true;
  }
  SECTION("not without a policy that says so") {
    with_policy(0, false);
    w.alloc(2, w.eval(1), ClientStatus::failed, kOld, plain);
    goes = true;
  }
  SECTION("not when its job is stopped") {
    with_policy(0, true);
    const auto eval = w.eval(1);
    w.alloc(2, eval, ClientStatus::failed, kOld, plain);
    w.change_job(JobStatus::pending, true);
    goes = true;
  }
  const auto out = found(w.state, "eval-gc");
  CHECK(out.evals.size() == (goes ? 1 : 0));
  CHECK(out.allocs.size() == (goes ? 1 : 0));
}

TEST_CASE("what a batch job did is remembered as long as the job", "[leader][gc]") {
  World w;
  w.change_job(JobStatus::dead, false, "batch");
  const auto eval = w.eval(1);
  w.alloc(2, eval, ClientStatus::complete);
  CHECK(found(w.state, "eval-gc").evals.empty());
  CHECK(found(w.state, "eval-gc").allocs.empty());

  SECTION("unless it was another job of that name") {
    w.state.put(JobBuilder().type("batch").index(900, 900).with([](Job& j) { j.status = JobStatus::running; }).share());
    CHECK(found(w.state, "eval-gc").allocs == Ids{test::uuid(2)});
    CHECK(found(w.state, "eval-gc").evals.empty());
  }
  SECTION("or the job was stopped") {
    w.change_job(JobStatus::dead, true, "batch");
    CHECK(found(w.state, "eval-gc").evals.size() == 1);
  }
  SECTION("with the job it goes too") {
    const auto out = found(w.state, "job-gc");
    CHECK(out.jobs == Ids{"example"});
    CHECK(out.evals.size() == 1);
    CHECK(out.allocs.size() == 1);
  }
}

TEST_CASE("a job goes when it is over and nothing of it is left to keep", "[leader][gc]") {
  World w;
  SECTION("a stopped service") {
    w.change_job(JobStatus::dead, true);
    w.alloc(2, w.eval(1), ClientStatus::complete);
    CHECK(found(w.state, "job-gc").jobs == Ids{"example"});
  }
  SECTION("a dead service that nobody stopped stays") {
    w.change_job(JobStatus::dead, false);
    CHECK(found(w.state, "job-gc").jobs.empty());
  }
  SECTION("one that was submitted lately stays") {
    w.change_job(JobStatus::dead, true, "service", kNew);
    CHECK(found(w.state, "job-gc").jobs.empty());
  }
  SECTION("one with a young evaluation stays, and so does all it has") {
    w.change_job(JobStatus::dead, true);
    w.alloc(2, w.eval(1), ClientStatus::complete);
    w.eval(3, EvalStatus::complete, kNew);
    const auto out = found(w.state, "job-gc");
    CHECK(out.jobs.empty());
    CHECK(out.evals.empty());
    CHECK(out.allocs.empty());
  }
  SECTION("one with an allocation still running stays") {
    w.change_job(JobStatus::dead, true);
    w.alloc(2, w.eval(1), ClientStatus::running);
    CHECK(found(w.state, "job-gc").jobs.empty());
  }
}

TEST_CASE("a node goes when it was down for long and nothing lives there", "[leader][gc]") {
  World w;
  const auto down = [&](Duration age) {
    w.state.put(NodeBuilder(1).status(NodeStatus::down).with([&](Node& n) { n.status_updated_at = kNow + age; }).share());
  };
  CHECK(found(w.state, "node-gc").nodes.empty());
  down(-23h);
  CHECK(found(w.state, "node-gc").nodes.empty());
  down(-25h);
  CHECK(found(w.state, "node-gc").nodes == Ids{test::uuid(1)});
  w.alloc(2, w.eval(1), ClientStatus::running);
  CHECK(found(w.state, "node-gc").nodes.empty());
}

TEST_CASE("a forced collection asks for no age", "[leader][gc]") {
  World w;
  w.alloc(2, w.eval(1, EvalStatus::complete, kNew), ClientStatus::complete, kNew);
  w.state.put(NodeBuilder(5).status(NodeStatus::down).with([](Node& n) { n.status_updated_at = kNow; }).share());
  w.change_job(JobStatus::dead, true, "service", kNew);
  const auto out = found(w.state, "force-gc");
  CHECK(out.jobs == Ids{"example"});
  CHECK(out.evals == Ids{test::uuid(1)});
  CHECK(out.allocs == Ids{test::uuid(2)});
  CHECK(out.nodes == Ids{test::uuid(5)});
}

TEST_CASE("much to collect is split, allocations before their evaluations", "[leader][gc]") {
  World w;
  const auto count = limits::kReapIdsMax + 10;
  for (std::uint64_t n = 1; n <= count; ++n) w.alloc(100'000 + n, w.eval(n), ClientStatus::complete);
  const auto events = collect("eval-gc", w.state, kNow, {});
  REQUIRE(events.size() == 3);
  CHECK(std::get<Reaped>(events[0]).allocs.size() == limits::kReapIdsMax);
  CHECK(std::get<Reaped>(events[0]).evals.empty());
  CHECK(std::get<Reaped>(events[1]).allocs.size() == 10);
  CHECK(std::get<Reaped>(events[1]).evals.size() == limits::kReapIdsMax - 10);
  CHECK(std::get<Reaped>(events[2]).evals.size() == 20);
}

TEST_CASE("each kind is due an interval after the last time", "[leader][gc]") {
  const Instant start{};
  GcSchedule schedule({.interval = 5min}, start);
  CHECK(schedule.take_due(start + 4min).empty());
  CHECK(schedule.next_deadline() == start + 5min);
  CHECK(schedule.take_due(start + 6min) == Ids{"eval-gc", "job-gc", "node-gc"});
  CHECK(schedule.next_deadline() == start + 11min);
}
