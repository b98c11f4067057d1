// SPDX-License-Identifier: MPL-2.0
// Evaluations that come of an evaluation.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/base/rng.h"
#include "core/model/eval.h"
#include "core/sched/reconcile.h"

namespace core::sched {

struct Origin {
  const model::Evaluation& eval;
  const model::Job* job;  // null if it is gone
  Index snapshot;
  WallTime now;
  EvalId last;  // of those that came of it so far; empty: none
};

// Waits for capacity; class_eligibility and the like are the caller's to set.
model::Evaluation blocked_eval(const Origin& origin, Rng& rng);
// Waits because plans were refused too often.
model::Evaluation out_of_attempts_eval(const Origin& origin, Rng& rng);
// The next batch of a rolling update, `stagger` from when it is enqueued.
model::Evaluation rolling_eval(const Origin& origin, Duration stagger, Rng& rng);

// Evaluations for failed allocations, one for those due within a few seconds of each other, and which
// allocation waits for which.
struct DelayedEvals {
  std::vector<model::Evaluation> evals;
  std::vector<std::pair<model::AllocPtr, EvalId>> waiting;
};
DelayedEvals delayed_evals(const Origin& origin, std::vector<Later> later, Rng& rng);

}  // namespace core::sched
