// SPDX-License-Identifier: MPL-2.0
// What must hold, one truth a function. Each returns the first breach as a sentence, or nothing.
#pragma once

#include <string>

#include "core/model/view.h"
#include "tests/sim/cluster.h"
#include "tests/sim/workload.h"

namespace sim {

// I4: nothing acknowledged is lost: the state shows each job and node as new as its last acknowledgement.
std::string check_acknowledged(const core::model::StateView& state, const Workload& told);
// I9: no node over its capacity, no port taken twice, no two live allocations of one name of a job.
std::string check_placements(const core::model::StateView& state);
// I11: after healing all evaluations have ended or wait with a reason, and every job has what it wants
// or an evaluation that says why not.
std::string check_converged(const core::model::StateView& state);
// I7: a fresh state machine that replays all that was committed stands where each server's does.
std::string check_replay(const Cluster& cluster, const Ledger& ledger);

}  // namespace sim
