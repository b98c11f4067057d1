// SPDX-License-Identifier: MPL-2.0
#include "core/client/task_runner.h"

#include "core/base/assert.h"
#include "core/client/task_events.h"

namespace core::client {
namespace {

struct Move {
  Phase from, to;
};
constexpr Move kMoves[] = {
    {Phase::pending, Phase::starting},    // the allocation's runner says so
    {Phase::pending, Phase::dead},        // stopped or failed before it ran
    {Phase::starting, Phase::pending},    // announced, and not begun after all
    {Phase::starting, Phase::running},
    {Phase::starting, Phase::backoff},    // could not be started, the policy allows another try
    {Phase::starting, Phase::dead},
    {Phase::attaching, Phase::running},
    {Phase::attaching, Phase::pending},   // never ran, or lost: start it again
    {Phase::attaching, Phase::backoff},   // ended while no agent was looking
    {Phase::attaching, Phase::dead},
    {Phase::running, Phase::leaving},
    {Phase::running, Phase::killing},
    {Phase::running, Phase::backoff},
    {Phase::running, Phase::dead},
    {Phase::leaving, Phase::killing},
    {Phase::leaving, Phase::dead},
    {Phase::leaving, Phase::pending},
    {Phase::killing, Phase::dead},
    {Phase::killing, Phase::pending},     // killed in order to be started again
    {Phase::backoff, Phase::pending},
    {Phase::backoff, Phase::dead},
};

constexpr bool allowed(Phase from, Phase to) {
  for (const auto& move : kMoves)
    if (move.from == from && move.to == to) return true;
  return false;
}

// What a record's phase means to an agent that has just started: whatever had a process, or was about
// to have one, must be looked for.
Phase restored_phase(Phase recorded) {
  switch (recorded) {
    case Phase::pending:
    case Phase::backoff: return Phase::pending;
    case Phase::dead: return Phase::dead;
    case Phase::starting:
    case Phase::attaching:
    case Phase::running:
    case Phase::leaving:
    case Phase::killing: return Phase::attaching;
  }
  UNREACHABLE();
}

}  // namespace

TaskRunner::TaskRunner(TaskId id, Spec spec, Rng rng, Now now)
    : id_(std::move(id)), spec_(std::move(spec)), rng_(rng), tracker_(spec_.restart) {
  tell(events::received(now.wall));
}

TaskRunner::TaskRunner(TaskId id, Spec spec, Rng rng, TaskRecord record)
    : id_(std::move(id)),
      spec_(std::move(spec)),
      rng_(rng),
      tracker_(spec_.restart, record.attempts, record.window_start),
      phase_(restored_phase(record.phase)),
      run_(record.run),
      handle_(std::move(record.handle)),
      state_(std::move(record.state)),
      changed_(false) {}

void TaskRunner::move_to(Phase next) {
  ASSERT(allowed(phase_, next));
  phase_ = next;
  deadline_.reset();
  changed_ = true;
}

void TaskRunner::tell(model::TaskEvent event) {
  events::append(state_, std::move(event));
  changed_ = true;
}

bool TaskRunner::has_process() const {
  return phase_ == Phase::running || phase_ == Phase::leaving || phase_ == Phase::killing;
}

bool TaskRunner::take_changed() { return std::exchange(changed_, false); }

TaskRecord TaskRunner::record() const {
  return {phase_, run_, handle_, state_, tracker_.attempts(), tracker_.window_start()};
}

void TaskRunner::set_spec(Spec spec) {
  tracker_.set_rules(spec.restart);
  spec_ = std::move(spec);
}

// ---- what the allocation's runner wants ----------------------------------------------------------

void TaskRunner::announce(Now now) {
  ASSERT(waiting());
  ASSERT(!stop_wanted_);
  ++run_;
  if (run_ == 1) tell(events::setup("Building Task Directory", now.wall));
  move_to(Phase::starting);
  announced_ = true;
}

void TaskRunner::withdraw() {
  ASSERT(announced_);
  announced_ = false;
  move_to(Phase::pending);
}

void TaskRunner::start(const model::AllocPtr& alloc, Now now, std::vector<Action>& then) {
  if (!announced_) announce(now);
  announced_ = false;
  then.push_back(StartTask{id_, run_, alloc});
}

void TaskRunner::attach(const model::AllocPtr& alloc, std::vector<Action>& then) const {
  ASSERT(phase_ == Phase::attaching);
  then.push_back(AttachTask{id_, run_, handle_, alloc});
}

void TaskRunner::stop(Now now, std::vector<Action>& then, std::optional<model::TaskEvent> why) {
  if (stop_wanted_ || dead()) return;
  stop_wanted_ = true;
  restart_wanted_ = false;
  if (why) tell(std::move(*why));
  switch (phase_) {
    case Phase::pending:
    case Phase::backoff:
      tell(events::killed(now.wall));
      die(false, now);
      break;
    case Phase::running: begin_stop(now, then); break;
    case Phase::starting:   // the answer decides: on_started kills, on_start_failed is the end
    case Phase::attaching:
    case Phase::leaving:    // on their way down already; now they stay down
    case Phase::killing: break;
    case Phase::dead: UNREACHABLE();
  }
}

void TaskRunner::restart(Now now, std::vector<Action>& then) {
  if (phase_ != Phase::running) return;
  restart_wanted_ = true;
  tell(events::restart_signaled("User requested restart", now.wall));
  begin_stop(now, then);
}

void TaskRunner::signal(const std::string& name, Now now, std::vector<Action>& then) {
  if (phase_ != Phase::running) return;
  tell(events::signaling(name, now.wall));
  then.push_back(SignalTask{id_, run_, name});
}

void TaskRunner::fail(model::TaskEvent why, Now now) {
  ASSERT(phase_ == Phase::pending);
  tell(std::move(why));
  die(true, now);
}

void TaskRunner::begin_stop(Now now, std::vector<Action>& then) {
  if (spec_.shutdown_delay <= Duration::zero()) return kill(now, then);
  tell(events::waiting_for_shutdown_delay(spec_.shutdown_delay, now.wall));
  move_to(Phase::leaving);
  deadline_ = now.at + spec_.shutdown_delay;
}

void TaskRunner::kill(Now now, std::vector<Action>& then) {
  tell(events::killing(spec_.kill_timeout, now.wall));
  move_to(Phase::killing);
  then.push_back(KillTask{id_, run_, spec_.kill_signal, spec_.kill_timeout});
}

void TaskRunner::die(bool failed, Now now) {
  move_to(Phase::dead);
  handle_.text.clear();
  state_.state = model::TaskStatus::dead;
  state_.failed = failed;
  state_.finished_at = {now.wall};
}

// ---- what the driver says ------------------------------------------------------------------------

void TaskRunner::set_running(json::Raw handle, Now now) {
  handle_ = std::move(handle);
  move_to(Phase::running);
  if (state_.state != model::TaskStatus::running) state_.started_at = {now.wall};
  state_.state = model::TaskStatus::running;
}

void TaskRunner::on_started(const TaskStarted& in, Now now, std::vector<Action>& then) {
  if (in.run != run_ || phase_ != Phase::starting) return;
  set_running(in.handle, now);
  tell(events::started(now.wall));
  if (stop_wanted_) begin_stop(now, then);
}

void TaskRunner::on_start_failed(const TaskStartFailed& in, Now now) {
  if (in.run != run_ || phase_ != Phase::starting) return;
  tell(in.invalid ? events::invalid(in.error.detail, now.wall) : events::driver_failed(in.error.detail, now.wall));
  ended(now, tracker_.on_start_failed(in.recoverable && !in.invalid, now, rng_));
}

void TaskRunner::on_attached(const TaskAttached& in, Now now, std::vector<Action>& then) {
  if (in.run != run_ || phase_ != Phase::attaching) return;
  const bool was_told = state_.state == model::TaskStatus::running;
  set_running(in.handle, now);
  if (!was_told) tell(events::started(now.wall));
  if (stop_wanted_) begin_stop(now, then);
}

void TaskRunner::on_never_started(const TaskNeverStarted& in, Now now) {
  if (in.run != run_ || phase_ != Phase::attaching) return;
  handle_.text.clear();
  if (stop_wanted_) {
    tell(events::killed(now.wall));
    return die(false, now);
  }
  move_to(Phase::pending);
}

void TaskRunner::on_lost(const TaskLost& in, Now now) {
  if (in.run != run_ || phase_ != Phase::attaching) return;
  handle_.text.clear();
  if (stop_wanted_) {
    tell(events::killed(now.wall));
    return die(false, now);
  }
  // The machine may have been away for long enough for the servers to run this elsewhere.
  tell(events::not_restored(now.wall));
  state_.state = model::TaskStatus::pending;
  needs_contact_ = true;
  move_to(Phase::pending);
}

void TaskRunner::on_exited(const TaskExited& in, Now now) {
  if (in.run != run_ || !(has_process() || phase_ == Phase::attaching)) return;
  handle_.text.clear();
  tell(events::terminated(in.result, now.wall));
  if (restart_wanted_ && !stop_wanted_) {
    restart_wanted_ = false;
    return ended(now, Restart{Duration::zero(), ""});
  }
  ended(now, tracker_.on_exit(in.result, now, rng_));
}

void TaskRunner::ended(Now now, Verdict verdict) {
  if (stop_wanted_) {
    tell(events::killed(now.wall));
    return die(false, now);
  }
  follow(verdict, now);
}

void TaskRunner::follow(const Verdict& verdict, Now now) {
  if (const auto* restart = std::get_if<Restart>(&verdict)) {
    tell(events::restarting(restart->reason, restart->delay, now.wall));
    ++state_.restarts;
    state_.last_restart = {now.wall};
    state_.state = model::TaskStatus::pending;
    if (restart->delay <= Duration::zero() && phase_ != Phase::running && phase_ != Phase::starting)
      return move_to(Phase::pending);
    move_to(Phase::backoff);
    deadline_ = now.at + restart->delay;
    return;
  }
  const auto* given_up = std::get_if<GiveUp>(&verdict);
  if (given_up != nullptr) tell(events::not_restarting(given_up->reason, now.wall));
  die(given_up != nullptr, now);
}

void TaskRunner::wake(Now now, std::vector<Action>& then) {
  if (!deadline_ || *deadline_ > now.at) return;
  if (phase_ == Phase::leaving) return kill(now, then);
  ASSERT(phase_ == Phase::backoff);
  move_to(Phase::pending);
}

}  // namespace core::client
