// SPDX-License-Identifier: MPL-2.0
// One task's life as a table of phases:
//
//   pending ─> starting ─> running ─> leaving ─> killing ─> dead
//                 ^  \        │ \________________/^  │
//                 │   \______ v                      │ restart asked
//                 └────────backoff <─────────────────┘
//   attaching: an earlier agent had started it; leads to running, or on as if it had just ended.
//
// The allocation's runner says when it may start and when it must stop; this says what to do about
// it, keeps the state that API clients read, and applies the restart policy.
#pragma once

#include <optional>
#include <vector>

#include "core/base/rng.h"
#include "core/client/io.h"
#include "core/client/restart.h"

namespace core::client {

class TaskRunner {
 public:
  struct Spec {  // what of the job matters here; a job update may change it
    RestartRules restart;
    std::string kill_signal;
    Duration kill_timeout{};
    Duration shutdown_delay{};  // between being asked to stop and the signal
  };

  TaskRunner(TaskId id, Spec spec, Rng rng, Now now);
  TaskRunner(TaskId id, Spec spec, Rng rng, TaskRecord record);

  // ---- what the allocation's runner wants
  // Says in its record that it is about to be started, so that start() has nothing left to record and
  // need not wait for the disk. REQUIRES: waiting().
  void announce(Now now);
  // It will not be after all. REQUIRES: announced().
  void withdraw();
  // REQUIRES: waiting() or announced(). `alloc` goes with the order to the driver.
  void start(const model::AllocPtr& alloc, Now now, std::vector<Action>& then);
  // Stop for good. May be called again at any time; `why` is told once, before the stop.
  void stop(Now now, std::vector<Action>& then, std::optional<model::TaskEvent> why = {});
  // Stop and start again at once. Nothing happens unless there is a process.
  void restart(Now now, std::vector<Action>& then);
  void signal(const std::string& name, Now now, std::vector<Action>& then);
  // Dead without ever having run, and failed.
  void fail(model::TaskEvent why, Now now);
  void set_spec(Spec spec);

  // ---- what the driver says; answers to an earlier run are ignored
  void on_started(const TaskStarted& in, Now now, std::vector<Action>& then);
  void on_start_failed(const TaskStartFailed& in, Now now);
  void on_attached(const TaskAttached& in, Now now, std::vector<Action>& then);
  void on_never_started(const TaskNeverStarted& in, Now now);
  void on_lost(const TaskLost& in, Now now);
  void on_exited(const TaskExited& in, Now now);

  // Carries out what is due: the end of a delay.
  void wake(Now now, std::vector<Action>& then);
  std::optional<Instant> next_deadline() const { return deadline_; }

  // REQUIRES: phase() == attaching.
  void attach(const model::AllocPtr& alloc, std::vector<Action>& then) const;

  // May start() be called? Either new, or its backoff is over.
  bool waiting() const { return phase_ == Phase::pending; }
  bool announced() const { return announced_; }
  // An earlier agent's task that nobody found again: not to be started before a server was heard.
  bool needs_contact() const { return needs_contact_; }
  void contacted() { needs_contact_ = false; }
  bool dead() const { return phase_ == Phase::dead; }
  bool has_process() const;
  bool ever_started() const { return state_.started_at.at.set(); }
  Phase phase() const { return phase_; }
  const model::TaskState& state() const { return state_; }
  const json::Raw& handle() const { return handle_; }
  const TaskId& id() const { return id_; }

  // True once after anything changed that a record or the servers should hold.
  bool take_changed();
  TaskRecord record() const;

 private:
  void move_to(Phase next);
  void tell(model::TaskEvent event);
  void set_running(json::Raw handle, Now now);
  void begin_stop(Now now, std::vector<Action>& then);
  void kill(Now now, std::vector<Action>& then);
  void die(bool failed, Now now);
  void follow(const Verdict& verdict, Now now);
  void ended(Now now, Verdict verdict);

  TaskId id_;
  Spec spec_;
  Rng rng_;
  RestartTracker tracker_;
  Phase phase_ = Phase::pending;
  std::uint64_t run_ = 0;
  json::Raw handle_;
  model::TaskState state_;
  std::optional<Instant> deadline_;  // of leaving or backoff
  bool announced_ = false;  // starting, with the order still to be given
  bool stop_wanted_ = false;
  bool restart_wanted_ = false;
  bool needs_contact_ = false;
  bool changed_ = true;
};

}  // namespace core::client
