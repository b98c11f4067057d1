// SPDX-License-Identifier: MPL-2.0
// What each event does, one file a family. Each function either refuses, and has changed nothing, or
// carries the event out in full; the Status is for whoever proposed it. A database that cannot be read
// is neither: the draft remembers it and the batch fails.
#pragma once

#include "core/model/event.h"
#include "store/state/draft.h"
#include "store/state/state_machine.h"

namespace store::state {

using core::Status;

// apply_job.cpp
Status apply(model::JobRegistered event, Draft& draft, Applied& applied);
Status apply(model::JobDeregistered event, Draft& draft, Applied& applied);
// apply_node.cpp
Status apply(model::NodeRegistered event, Draft& draft, Applied& applied);
Status apply(model::NodeStatusChanged event, Draft& draft, Applied& applied);
Status apply(model::NodeDrainChanged event, Draft& draft, Applied& applied);
Status apply(model::NodeEligibilityChanged event, Draft& draft, Applied& applied);
Status apply(model::NodesDeregistered event, Draft& draft, Applied& applied);
// apply_eval.cpp
Status apply(model::EvalsUpdated event, Draft& draft, Applied& applied);
// Puts evaluations that travelled inside another event.
void put_evals(std::vector<model::Evaluation> evals, Draft& draft, Applied& applied);
// apply_plan.cpp
Status apply(model::PlansApplied event, Draft& draft, Applied& applied);
// apply_alloc.cpp
Status apply(model::AllocsUpdatedByClient event, Draft& draft, Applied& applied);
Status apply(model::AllocTransitionsSet event, Draft& draft, Applied& applied);
// apply_gc.cpp
Status apply(model::Reaped event, Draft& draft, Applied& applied);
Status apply(model::ClusterCreated event, Draft& draft, Applied& applied);
// apply_restore.cpp
Status apply(model::SnapshotPieceSent event, Draft& draft, Applied& applied);
// Whether the pieces are what the event says. The state machine does the rest.
Status apply(model::SnapshotRestored event, Draft& draft, Applied& applied);

}  // namespace store::state
