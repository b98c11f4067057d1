// SPDX-License-Identifier: MPL-2.0
#include "core/client/task_events.h"

namespace core::client::events {
namespace {

using Details = std::map<std::string, std::string>;

model::TaskEvent event(std::string_view type, WallTime at, Details details = {}) {
  model::TaskEvent made{std::string(type), at, "", std::move(details)};
  made.display_message = model::display_message(made);
  return made;
}

}  // namespace

model::TaskEvent received(WallTime at) { return event("Received", at); }

model::TaskEvent setup(std::string_view message, WallTime at) {
  return event("Task Setup", at, {{"message", std::string(message)}});
}

model::TaskEvent setup_failed(std::string_view error, WallTime at) {
  return event("Setup Failure", at, {{"setup_error", std::string(error)}, {"fails_task", "true"}});
}

model::TaskEvent invalid(std::string_view error, WallTime at) {
  return event("Failed Validation", at, {{"validation_error", std::string(error)}});
}

model::TaskEvent driver_failed(std::string_view error, WallTime at) {
  return event("Driver Failure", at, {{"driver_error", std::string(error)}});
}

model::TaskEvent started(WallTime at) { return event("Started", at); }

model::TaskEvent terminated(const ExitResult& result, WallTime at) {
  return event("Terminated", at,
               {{"exit_code", std::to_string(result.exit_code)},
                {"signal", std::to_string(result.signal)},
                {"oom_killed", result.oom_killed ? "true" : "false"},
                {"exit_message", result.error.empty() && result.oom_killed ? "OOM Killed" : result.error}});
}

model::TaskEvent restarting(std::string_view reason, Duration delay, WallTime at) {
  return event("Restarting", at,
               {{"restart_reason", std::string(reason)}, {"start_delay", std::to_string(delay.count())}});
}

model::TaskEvent not_restarting(std::string_view reason, WallTime at) {
  return event("Not Restarting", at, {{"restart_reason", std::string(reason)}, {"fails_task", "true"}});
}

model::TaskEvent restart_signaled(std::string_view reason, WallTime at) {
  return event("Restart Signaled", at, {{"restart_reason", std::string(reason)}});
}

model::TaskEvent signaling(std::string_view signal, WallTime at) {
  return event("Signaling", at, {{"signal", std::string(signal)}});
}

model::TaskEvent waiting_for_shutdown_delay(Duration delay, WallTime at) {
  return event("Waiting for shutdown delay", at,
               {{"message", "Waiting for shutdown_delay of " + format_duration(delay) + " before killing the task."}});
}

model::TaskEvent killing(Duration timeout, WallTime at) {
  if (timeout <= Duration::zero()) return event("Killing", at);
  return event("Killing", at, {{"kill_timeout", format_duration(timeout)}});
}

model::TaskEvent killed(WallTime at) { return event("Killed", at); }

model::TaskEvent sibling_failed(std::string_view sibling, WallTime at) {
  return event("Sibling Task Failed", at, {{"failed_sibling", std::string(sibling)}});
}

model::TaskEvent leader_dead(WallTime at) { return event("Leader Task Dead", at); }

model::TaskEvent main_tasks_dead(WallTime at) { return event("Main Tasks Dead", at); }

model::TaskEvent not_restored(WallTime at) {
  return event("Failed Restoring Task", at,
               {{"message", "failed to restore task; will not run until server is contacted"}});
}

void append(model::TaskState& state, model::TaskEvent event) {
  state.events.push_back(std::move(event));
  if (state.events.size() > model::kTaskEventsKept) state.events.erase(state.events.begin());
}

}  // namespace core::client::events
