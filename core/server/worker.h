// SPDX-License-Identifier: MPL-2.0
// What a scheduling worker does with a batch: a pure function of the batch, so that the agent may run
// it on any thread and the simulator inline.
#pragma once

#include <functional>

#include "core/leader/gc.h"
#include "core/server/types.h"

namespace core::server {

// Tells the time since some moment in the past. Only used to say how long placements took; nothing is
// decided by it.
using Stopwatch = std::function<Duration()>;

// Results in the order of the tasks. Each evaluation sees the plans in flight and those of the tasks
// before it.
Scheduled run(const ScheduleBatch& batch, const leader::GcConfig& gc, const Stopwatch& elapsed);

}  // namespace core::server
