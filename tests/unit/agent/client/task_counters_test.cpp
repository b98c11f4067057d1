// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "agent/client/task_counters.h"

using agent::client::TaskCounters;
using core::metrics::Registry;
using core::model::TaskState;
using core::model::TaskStatus;

namespace {

TaskState running(std::uint64_t restarts = 0) {
  TaskState state;
  state.state = TaskStatus::running;
  state.restarts = restarts;
  state.started_at.at.ns = 1;
  return state;
}
TaskState dead(bool failed, std::uint64_t restarts = 0) {
  auto state = running(restarts);
  state.state = TaskStatus::dead;
  state.failed = failed;
  return state;
}

struct Rig {
  Rig() {
    alloc.id.text = "a1";
    look({});  // a young agent
  }
  void look(const std::map<std::string, TaskState>& tasks) {
    counters.begin();
    for (const auto& [name, state] : tasks) counters.set(alloc, name, state);
    counters.end();
  }
  // Nothing is there any more: -1.
  double total(const std::string& name) const {
    double out = -1;
    registry.counters().each([&](const core::metrics::CounterSeries& series) {
      if (series.identity.name == "nomad.client.allocs." + name) out = series.total;
    });
    return out;
  }

  Registry registry{{}, core::WallTime{}};
  core::model::Allocation alloc;
  TaskCounters counters{registry, {{"node_id", "n1"}}};
};

}  // namespace

TEST_CASE("a task's starts, restarts and end are counted once each", "[metrics][client]") {
  Rig rig;
  rig.look({{"main", TaskState()}});
  CHECK(rig.total("running") == 0);
  for (int i = 0; i < 2; ++i) rig.look({{"main", running()}});
  CHECK(rig.total("running") == 1);
  for (int i = 0; i < 2; ++i) rig.look({{"main", running(3)}});
  CHECK(rig.total("running") == 4);
  CHECK(rig.total("restart") == 3);
  for (int i = 0; i < 2; ++i) rig.look({{"main", dead(true, 3)}});
  CHECK(rig.total("failed") == 1);
  CHECK(rig.total("complete") == 0);
}

TEST_CASE("a task that came and went between two looks ran all the same", "[metrics][client]") {
  Rig rig;
  rig.look({{"main", dead(false)}});
  CHECK(rig.total("running") == 1);
  CHECK(rig.total("complete") == 1);
}

TEST_CASE("a task that never started did not run", "[metrics][client]") {
  Rig rig;
  auto state = dead(true);
  state.started_at = {};
  rig.look({{"main", state}});
  CHECK(rig.total("running") == 0);
  CHECK(rig.total("failed") == 1);
}

TEST_CASE("what an agent finds at its start is not counted, what follows is", "[metrics][client]") {
  Rig rig;
  TaskCounters fresh(rig.registry, {{"node_id", "n2"}});
  const auto look = [&](const TaskState& state) {
    fresh.begin();
    fresh.set(rig.alloc, "main", state);
    fresh.end();
  };
  look(running(2));
  CHECK(rig.total("running") == 0);
  look(dead(false, 2));
  CHECK(rig.total("complete") == 1);
  CHECK(rig.total("restart") == 0);
}

TEST_CASE("an allocation that is forgotten takes its counters with it", "[metrics][client]") {
  Rig rig;
  rig.look({{"main", running()}});
  rig.look({});
  CHECK(rig.total("running") == -1);
}
