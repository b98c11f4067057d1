// SPDX-License-Identifier: MPL-2.0
// What is told of a task's life, in the words that API clients know. The newest are kept.
#pragma once

#include <string>
#include <string_view>

#include "core/client/records.h"

namespace core::client::events {

model::TaskEvent received(WallTime at);
model::TaskEvent setup(std::string_view message, WallTime at);
model::TaskEvent setup_failed(std::string_view error, WallTime at);
model::TaskEvent invalid(std::string_view error, WallTime at);
model::TaskEvent driver_failed(std::string_view error, WallTime at);
model::TaskEvent started(WallTime at);
model::TaskEvent terminated(const ExitResult& result, WallTime at);
model::TaskEvent restarting(std::string_view reason, Duration delay, WallTime at);
model::TaskEvent not_restarting(std::string_view reason, WallTime at);
model::TaskEvent restart_signaled(std::string_view reason, WallTime at);
model::TaskEvent signaling(std::string_view signal, WallTime at);
model::TaskEvent waiting_for_shutdown_delay(Duration delay, WallTime at);
model::TaskEvent killing(Duration timeout, WallTime at);
model::TaskEvent killed(WallTime at);
model::TaskEvent sibling_failed(std::string_view sibling, WallTime at);
model::TaskEvent leader_dead(WallTime at);
model::TaskEvent main_tasks_dead(WallTime at);
model::TaskEvent not_restored(WallTime at);

// Appends and drops the oldest beyond model::kTaskEventsKept.
void append(model::TaskState& state, model::TaskEvent event);

}  // namespace core::client::events
