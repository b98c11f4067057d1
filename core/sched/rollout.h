// SPDX-License-Identifier: MPL-2.0
// Rolling updates: how many allocations may be replaced now, and whether somebody else sees to it. One
// chain of `rolling-update` evaluations, `stagger` apart, carries an update through; evaluations that
// come in between (a node went down, a task failed) leave its pace alone. Allocations of the new version
// that do not run yet, or failed for good, hold the next batch back: a version that does not come up
// stops at its first batch.
#pragma once

#include <cstdint>
#include <optional>

#include "core/model/job.h"
#include "core/model/view.h"
#include "core/sched/reconcile.h"

namespace core::sched {

// The group's rolling update; null where everything may be replaced at once. Batch jobs never roll.
const model::UpdateStrategy* rolling_update(const model::Job& job, const model::TaskGroup& group);

// Another evaluation of this job continues the update.
bool rolled_elsewhere(const model::StateView& view, const model::Evaluation& eval, const model::Job& job);

// How many of work.replace may go now.
std::int64_t rollout_limit(const model::UpdateStrategy& update, const GroupWork& work);

}  // namespace core::sched
