// SPDX-License-Identifier: MPL-2.0
// What a scheduling worker does with a batch: a pure function of the batch, so that the agent may run
// it on any thread and the simulator inline.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/rng.h"
#include "core/leader/gc.h"
#include "core/server/types.h"

namespace core::server {

// Results in the order of the tasks. Each evaluation sees the plans in flight and those of the tasks
// before it.
Scheduled run(const ScheduleBatch& batch, const leader::GcConfig& gc);

// How many plans an evaluation may try before it gives up.
std::uint32_t attempts_for(const model::Evaluation& eval);
// How it gives up: the evaluation failed, and the blocked one that tries again later.
std::vector<model::Evaluation> attempts_exhausted(const model::Evaluation& eval, Index snapshot, Rng& rng,
                                                  WallTime now);

}  // namespace core::server
