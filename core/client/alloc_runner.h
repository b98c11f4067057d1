// SPDX-License-Identifier: MPL-2.0
// One allocation's life on its node: prepare directories, start tasks in lifecycle order, watch over
// siblings and the leader, stop in order, remove. Tasks are TaskRunners; what follows from their
// states is worked out in one place, settle(), after every input.
//
//   preparing ─> working ─> done ─> removing ─> gone
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/client/io.h"
#include "core/client/lifecycle.h"
#include "core/client/task_runner.h"

namespace core::client {

class AllocRunner {
 public:
  struct Options {
    Duration max_kill_timeout = 30s;
  };

  // A new allocation, or one that an earlier agent left with its tasks' records.
  AllocRunner(model::AllocPtr alloc, Options options, Rng rng, Now now);
  AllocRunner(RestoredAlloc restored, Options options, Rng rng, Now now);

  // The first order: prepare, or look for the tasks that should be there.
  void begin(Now now, std::vector<Action>& then);
  // A newer version of the allocation. REQUIRES: its alloc_modify_index is higher.
  void update(model::AllocPtr alloc, Now now, std::vector<Action>& then);
  // A server has been heard: what was lost may be started again.
  void contacted(Now now, std::vector<Action>& then);
  // Stop all tasks; the allocation stays until remove().
  void stop(Now now, std::vector<Action>& then);
  // Stop all tasks, take the directories away, be gone.
  void remove(Now now, std::vector<Action>& then);
  void restart(const std::string& task, Now now, std::vector<Action>& then);
  void signal(const std::string& task, const std::string& signal, Now now, std::vector<Action>& then);
  void on_prepared(const AllocPrepared& in, Now now, std::vector<Action>& then);
  void on_removed(const AllocRemoved& in);
  // TaskStarted, TaskExited, ...: hands it to its task and works out what follows.
  template <class TaskInput>
  void on_task(const TaskInput& in, Now now, std::vector<Action>& then) {
    const auto it = tasks_.find(in.task.task);
    if (it == tasks_.end()) return;
    hand(it->second, in, now, then);
    settle(now, then);
  }
  void wake(Now now, std::vector<Action>& then);
  std::optional<Instant> next_deadline() const;

  const model::AllocPtr& alloc() const { return alloc_; }
  // Every task is dead.
  bool done() const;
  bool stopping() const { return stop_wanted_; }
  bool removing() const { return remove_wanted_; }
  bool gone() const { return stage_ == Stage::gone; }
  const TaskRunner* task(const std::string& name) const;
  // visit(name, model::TaskState), in order of name.
  template <class Visit>
  void each_task(Visit visit) const {
    for (const auto& [name, member] : tasks_) visit(name, member.runner.state());
  }
  model::AllocClientUpdate report() const;
  // As report() says.
  model::ClientStatus status() const;
  // Records of the tasks that changed since the last call.
  std::vector<TaskSaved> take_changed();

 private:
  enum class Stage { preparing, working, removing, gone };
  struct Member {
    TaskRunner runner;
    Role role;
    bool leader = false;
  };

  Member make_member(const model::Task& task, TaskRunner runner) const;
  TaskRunner::Spec spec_of(const model::Task& task) const;
  const model::TaskGroup* group() const;
  void fail_all(std::string_view error, Now now);

  static void hand(Member& m, const TaskStarted& in, Now now, std::vector<Action>& then) { m.runner.on_started(in, now, then); }
  static void hand(Member& m, const TaskStartFailed& in, Now now, std::vector<Action>&) { m.runner.on_start_failed(in, now); }
  static void hand(Member& m, const TaskAttached& in, Now now, std::vector<Action>& then) { m.runner.on_attached(in, now, then); }
  static void hand(Member& m, const TaskNeverStarted& in, Now now, std::vector<Action>&) { m.runner.on_never_started(in, now); }
  static void hand(Member& m, const TaskLost& in, Now now, std::vector<Action>&) { m.runner.on_lost(in, now); }
  static void hand(Member& m, const TaskExited& in, Now now, std::vector<Action>&) { m.runner.on_exited(in, now); }

  void settle(Now now, std::vector<Action>& then);
  void stop_members(Now now, std::vector<Action>& then);
  void start_members(Now now, std::vector<Action>& then);
  std::optional<model::TaskEvent> reason_to_stop(Now now) const;
  bool only_sidecars_left() const;
  bool may_start(Role role) const;
  bool may_begin(const Member& member) const;
  template <class Wanted>
  bool any(Wanted wanted) const {
    return std::any_of(tasks_.begin(), tasks_.end(), [&](const auto& item) { return wanted(item.second); });
  }

  model::AllocPtr alloc_;
  Options options_;
  Stage stage_ = Stage::preparing;
  std::map<std::string, Member> tasks_;
  std::string trouble_;               // why nothing can run here, if so
  bool stop_wanted_ = false;          // by the servers or by people
  bool remove_wanted_ = false;
  std::optional<Instant> stop_from_;  // the end of the group's shutdown delay, until it has come
  std::optional<model::TaskEvent> stop_why_;  // what became of one task ends the others
};

}  // namespace core::client
