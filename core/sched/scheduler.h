// SPDX-License-Identifier: MPL-2.0
// An evaluation and a view of state in; a plan, the evaluation as it ends and the evaluations that
// follow from it out. A pure function: times come in, ids and choices are drawn from the generator.
//
// The plan is a proposal. The caller verifies it against the newest state. If it is accepted whole, plan
// and evaluations are written together. If not, what was accepted is written alone, the evaluations are
// dropped, and the same evaluation is scheduled again over a view that shows what was written, at most
// max_attempts() times without progress; then give_up() says how it ends.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/rng.h"
#include "core/model/eval.h"
#include "core/model/plan.h"
#include "core/model/view.h"
#include "core/sched/select.h"

namespace core::sched {

using Options = SelectOptions;

struct Decision {
  model::Plan plan;  // may be empty
  // Complete; or failed with the reason; or blocked again, if it was blocked and not everything found a
  // place. Says what is queued, and why, by group.
  model::Evaluation eval;
  // A blocked evaluation for what found no place, a rolling update's next batch, failed allocations
  // whose time has not come.
  std::vector<model::Evaluation> follow_ups;
};

// For service and batch jobs. `fleet` is of the view to schedule over; with many evaluations to schedule
// over one view, or over plans laid over it (see Fleet::refresh), it is made once.
Decision schedule(const model::Evaluation& eval, const Fleet& fleet, Rng& rng, WallTime now,
                  const Options& options = {});
Decision schedule(const model::Evaluation& eval, const model::StateView& view, Rng& rng, WallTime now,
                  const Options& options = {});

// Plans that may be refused or cut down before an evaluation gives up.
std::uint32_t max_attempts(const model::Evaluation& eval);
// The evaluation failed, "maximum attempts reached (N)", and the blocked one that tries again later.
std::vector<model::Evaluation> give_up(const model::Evaluation& eval, Index snapshot, Rng& rng, WallTime now);

}  // namespace core::sched
