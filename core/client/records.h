// SPDX-License-Identifier: MPL-2.0
// What a node keeps on disk, so that an agent that starts again knows its allocations, finds their
// tasks and never acts on assignments older than it has seen.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "core/base/fields.h"
#include "core/model/alloc.h"

namespace core::client {

struct TaskId {
  AllocId alloc;
  std::string task;
  friend auto operator<=>(const TaskId&, const TaskId&) = default;
};

// How a task's main process ended.
struct ExitResult {
  std::int64_t exit_code = 0;  // 128 + signal when a signal ended it
  std::int64_t signal = 0;
  bool oom_killed = false;
  std::string error;  // why there is no exit code to speak of
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("ExitCode", self.exit_code);
    visit("Signal", self.signal);
    visit("OOMKilled", self.oom_killed);
    visit("Error", self.error);
  }
  bool successful() const { return exit_code == 0 && signal == 0 && error.empty(); }
  friend bool operator==(const ExitResult& a, const ExitResult& b) { return same_fields(a, b); }
};

enum class Phase { pending, starting, attaching, running, leaving, killing, backoff, dead };
constexpr std::array<std::string_view, 8> words(Phase) {
  return {"pending", "starting", "attaching", "running", "leaving", "killing", "backoff", "dead"};
}

struct TaskRecord {
  Phase phase = Phase::pending;
  std::uint64_t run = 0;  // which start this is; answers to earlier ones are ignored
  json::Raw handle;       // the driver's, while there is a process
  model::TaskState state;
  std::int64_t attempts = 0;  // restarts counted in the current interval
  WallTime window_start;      // of that interval
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Phase", self.phase);
    visit("Run", self.run);
    visit("Handle", self.handle);
    visit("State", self.state);
    visit("Attempts", self.attempts);
    visit("WindowStart", self.window_start);
  }
};

struct AllocSaved {
  model::AllocPtr alloc;  // with its job
};
struct TaskSaved {
  TaskId task;
  TaskRecord record;
};
// The allocation and its tasks are no longer known.
struct AllocForgotten {
  AllocId alloc;
};
// The newest assignments seen, and whose they were.
struct SeenSaved {
  Index index;
  std::string cluster_id;
};
using Record = std::variant<AllocSaved, TaskSaved, AllocForgotten, SeenSaved>;

struct RestoredAlloc {
  model::AllocPtr alloc;
  std::map<std::string, TaskRecord> tasks;
};
// What an earlier agent left. A new node is a Restored{}.
struct Restored {
  std::vector<RestoredAlloc> allocs;
  SeenSaved seen;
};

}  // namespace core::client
