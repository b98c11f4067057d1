// SPDX-License-Identifier: MPL-2.0
#include "core/client/alloc_runner.h"

#include <algorithm>

#include "core/base/assert.h"
#include "core/base/deadlines.h"
#include "core/client/task_events.h"

namespace core::client {

AllocRunner::AllocRunner(model::AllocPtr alloc, Options options, Rng rng, Now now)
    : alloc_(std::move(alloc)), options_(options) {
  const auto* placed = group();
  if (placed == nullptr) {
    trouble_ = "missing task group '" + alloc_->task_group + "'";
    return;
  }
  for (const auto& task : placed->tasks)
    tasks_.emplace(task.name, make_member(task, TaskRunner({alloc_->id, task.name}, spec_of(task), rng.fork(), now)));
}

AllocRunner::AllocRunner(RestoredAlloc restored, Options options, Rng rng, Now now)
    : AllocRunner(std::move(restored.alloc), options, rng.fork(), now) {
  const auto* placed = group();
  if (placed == nullptr) return;
  for (const auto& task : placed->tasks) {
    const auto record = restored.tasks.find(task.name);
    if (record == restored.tasks.end()) continue;
    tasks_.insert_or_assign(task.name, make_member(task, TaskRunner({alloc_->id, task.name}, spec_of(task), rng.fork(),
                                                                    std::move(record->second))));
  }
}

const model::TaskGroup* AllocRunner::group() const {
  return alloc_->job == nullptr ? nullptr : alloc_->job->group(alloc_->task_group);
}

AllocRunner::Member AllocRunner::make_member(const model::Task& task, TaskRunner runner) const {
  return {std::move(runner), role_of(task), task.leader};
}

TaskRunner::Spec AllocRunner::spec_of(const model::Task& task) const {
  return {.restart = restart_rules(*alloc_->job, *group(), task),
          .kill_signal = task.kill_signal.empty() ? "SIGINT" : task.kill_signal,
          .kill_timeout = std::min(task.kill_timeout, options_.max_kill_timeout),
          .shutdown_delay = task.shutdown_delay};
}

const TaskRunner* AllocRunner::task(const std::string& name) const {
  const auto it = tasks_.find(name);
  return it == tasks_.end() ? nullptr : &it->second.runner;
}

bool AllocRunner::done() const {
  return !any([](const Member& m) { return !m.runner.dead(); });
}

// ---- what the servers and people want ------------------------------------------------------------

void AllocRunner::begin(Now now, std::vector<Action>& then) {
  ASSERT(stage_ == Stage::preparing);
  if (alloc_->server_terminal()) stop_wanted_ = true;
  const bool to_find = any([](const Member& m) { return m.runner.phase() == Phase::attaching; });
  if (done() || (stop_wanted_ && !to_find)) {
    stage_ = Stage::working;  // nothing to prepare for
    return settle(now, then);
  }
  then.push_back(PrepareAlloc{alloc_});
  if (stop_wanted_) return;
  for (auto& [name, member] : tasks_)
    if (may_begin(member)) member.runner.announce(now);
}

void AllocRunner::on_prepared(const AllocPrepared& in, Now now, std::vector<Action>& then) {
  if (stage_ != Stage::preparing) return;
  stage_ = Stage::working;
  for (auto& [name, member] : tasks_) {
    if (member.runner.phase() == Phase::attaching) member.runner.attach(alloc_, then);
    if (!member.runner.announced()) continue;
    if (in.status.ok() && !stop_wanted_) member.runner.start(alloc_, now, then);
    else member.runner.withdraw();
  }
  if (!in.status.ok()) fail_all(in.status.error().detail, now);
  settle(now, then);
}

void AllocRunner::fail_all(std::string_view error, Now now) {
  for (auto& [name, member] : tasks_)
    if (member.runner.waiting())
      member.runner.fail(events::setup_failed("failed to setup alloc: " + std::string(error), now.wall), now);
}

void AllocRunner::update(model::AllocPtr alloc, Now now, std::vector<Action>& then) {
  ASSERT(alloc->alloc_modify_index > alloc_->alloc_modify_index);
  alloc_ = std::move(alloc);
  if (const auto* placed = group(); placed != nullptr) {
    for (const auto& task : placed->tasks) {
      const auto it = tasks_.find(task.name);
      if (it == tasks_.end()) continue;
      it->second.runner.set_spec(spec_of(task));
      it->second.role = role_of(task);
      it->second.leader = task.leader;
    }
  }
  if (alloc_->server_terminal()) return stop(now, then);
  settle(now, then);
}

void AllocRunner::contacted(Now now, std::vector<Action>& then) {
  for (auto& [name, member] : tasks_) member.runner.contacted();
  settle(now, then);
}

void AllocRunner::stop(Now now, std::vector<Action>& then) {
  if (!stop_wanted_) {
    stop_wanted_ = true;
    const auto* placed = group();
    const bool running = any([](const Member& m) { return m.runner.has_process(); });
    if (placed != nullptr && running) stop_from_ = now.at + placed->shutdown_delay.value_or(0s);
  }
  settle(now, then);
}

void AllocRunner::remove(Now now, std::vector<Action>& then) {
  remove_wanted_ = true;
  stop(now, then);
}

void AllocRunner::on_removed(const AllocRemoved&) {
  if (stage_ == Stage::removing) stage_ = Stage::gone;
}

void AllocRunner::restart(const std::string& task, Now now, std::vector<Action>& then) {
  for (auto& [name, member] : tasks_)
    if (task.empty() || task == name) member.runner.restart(now, then);
  settle(now, then);
}

void AllocRunner::signal(const std::string& task, const std::string& signal, Now now, std::vector<Action>& then) {
  for (auto& [name, member] : tasks_)
    if (task.empty() || task == name) member.runner.signal(signal, now, then);
}

// ---- what follows from the tasks' states ---------------------------------------------------------

void AllocRunner::settle(Now now, std::vector<Action>& then) {
  if (stage_ != Stage::working) return;
  if (!stop_wanted_ && !stop_why_) stop_why_ = reason_to_stop(now);
  if (stop_wanted_ || stop_why_) stop_members(now, then);
  start_members(now, then);
  if (remove_wanted_ && done()) {
    stage_ = Stage::removing;
    then.push_back(RemoveAlloc{alloc_->id});
  }
}

// Main tasks and what runs to an end beside them are over; sidecars would run for ever.
bool AllocRunner::only_sidecars_left() const {
  return any([](const Member& m) { return m.role == Role::main; }) && !any([](const Member& m) {
           return !m.runner.dead() && !is_sidecar(m.role) && m.role != Role::poststop;
         });
}

std::optional<model::TaskEvent> AllocRunner::reason_to_stop(Now now) const {
  for (const auto& [name, member] : tasks_) {
    if (!member.runner.dead() || member.role == Role::poststop) continue;
    if (member.runner.state().failed) return events::sibling_failed(name, now.wall);
    if (member.leader) return events::leader_dead(now.wall);
  }
  if (only_sidecars_left()) return events::main_tasks_dead(now.wall);
  return std::nullopt;
}

// The leader first and alone, then all others but those that clean up afterwards.
void AllocRunner::stop_members(Now now, std::vector<Action>& then) {
  if (stop_from_ && now.at < *stop_from_) return;
  stop_from_.reset();
  for (auto& [name, member] : tasks_) {
    if (!member.leader) continue;
    member.runner.stop(now, then, stop_why_);
    if (!member.runner.dead()) return;
  }
  // Where nothing ever ran there is nothing to clean up after.
  const bool clean_up = !remove_wanted_ && any([](const Member& m) { return m.runner.ever_started(); });
  for (auto& [name, member] : tasks_)
    if (member.role != Role::poststop || !clean_up) member.runner.stop(now, then, stop_why_);
}

bool AllocRunner::may_start(Role role) const {
  const auto all = [&](auto&& wanted) { return !any([&](const Member& m) { return !wanted(m); }); };
  switch (role) {
    case Role::prestart:
    case Role::prestart_sidecar: return true;
    case Role::main:
      return all([](const Member& m) {
        if (m.role == Role::prestart) return m.runner.state().successful();
        return m.role != Role::prestart_sidecar || m.runner.ever_started();
      });
    case Role::poststart:
    case Role::poststart_sidecar:
      return all([](const Member& m) { return m.role != Role::main || m.runner.ever_started(); });
    case Role::poststop:
      return all([](const Member& m) { return m.role == Role::poststop || m.runner.dead(); });
  }
  UNREACHABLE();
}

bool AllocRunner::may_begin(const Member& member) const {
  return member.runner.waiting() && !member.runner.needs_contact() && may_start(member.role);
}

void AllocRunner::start_members(Now now, std::vector<Action>& then) {
  for (auto& [name, member] : tasks_) {
    if ((stop_wanted_ || stop_why_) && member.role != Role::poststop) continue;
    if (may_begin(member)) member.runner.start(alloc_, now, then);
  }
}

void AllocRunner::wake(Now now, std::vector<Action>& then) {
  for (auto& [name, member] : tasks_) member.runner.wake(now, then);
  settle(now, then);
}

std::optional<Instant> AllocRunner::next_deadline() const {
  std::optional<Instant> next;
  for (const auto& [name, member] : tasks_) next = earlier(next, member.runner.next_deadline());
  return stage_ == Stage::working ? earlier(next, stop_from_) : next;
}

// ---- what is told --------------------------------------------------------------------------------

std::vector<TaskSaved> AllocRunner::take_changed() {
  std::vector<TaskSaved> changed;
  for (auto& [name, member] : tasks_)
    if (member.runner.take_changed()) changed.push_back({{alloc_->id, name}, member.runner.record()});
  return changed;
}

model::ClientStatus AllocRunner::status() const {
  const auto any_task = [&](auto wanted) { return any([&](const Member& member) { return wanted(member.runner.state()); }); };
  if (!trouble_.empty() || any_task([](const auto& s) { return s.state == model::TaskStatus::dead && s.failed; })) return model::ClientStatus::failed;
  if (any_task([](const auto& s) { return s.state == model::TaskStatus::running; })) return model::ClientStatus::running;
  if (any_task([](const auto& s) { return s.state == model::TaskStatus::pending; })) return model::ClientStatus::pending;
  return model::ClientStatus::complete;
}

model::AllocClientUpdate AllocRunner::report() const {
  model::AllocClientUpdate update;
  update.id = alloc_->id;
  for (const auto& [name, member] : tasks_) update.task_states.emplace(name, member.runner.state());
  update.client_status = status();
  const auto words = [&]() -> std::string_view {
    switch (update.client_status) {
      case model::ClientStatus::failed: return trouble_.empty() ? "Failed tasks" : std::string_view(trouble_);
      case model::ClientStatus::running: return "Tasks are running";
      case model::ClientStatus::pending: return "No tasks have started";
      default: return "All tasks have completed";
    }
  };
  update.client_description = words();
  return update;
}

}  // namespace core::client
