// SPDX-License-Identifier: MPL-2.0
// When a failed allocation may run anew elsewhere, by its group's reschedule policy, and the record of
// attempts that travels from allocation to allocation.
#pragma once

#include <optional>
#include <vector>

#include "core/model/alloc.h"

namespace core::sched {

// The policy the allocation was placed with; null if it has none.
const model::ReschedulePolicy* reschedule_policy(const model::Allocation& alloc);
// When its last task ended, or failing that when it last changed.
WallTime failed_at(const model::Allocation& alloc);

// The wait before the next attempt: constant, doubling, or the sum of the last two, at most max_delay;
// from the start again when the last attempt ran for longer than that.
Duration next_delay(const model::Allocation& alloc, const model::ReschedulePolicy& policy);
// When the next attempt is due; nothing if the allocation did not fail or has no attempts left.
std::optional<WallTime> next_reschedule(const model::Allocation& alloc);

// The record that the replacement of `alloc` starts with.
model::RescheduleTracker next_tracker(const model::Allocation& alloc, WallTime now);
// Nodes where the allocation or those before it failed.
std::vector<NodeId> failed_nodes(const model::Allocation& alloc);

}  // namespace core::sched
