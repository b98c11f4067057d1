// SPDX-License-Identifier: MPL-2.0
// Evaluations that could not place all they wanted and wait for capacity: one a job. A change of
// capacity on a class of nodes wakes those that may fit there. A scheduler works on a snapshot, so an
// unblock that it did not see yet must not be missed: block() looks back at recent unblocks.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/model/eval.h"

namespace core::leader {

class BlockedEvals {
 public:
  // Keeps the evaluation, or returns it when capacity changed since its snapshot: it must be tried
  // again at once. Of two evaluations of one job the one with the newer snapshot stays; the other is a
  // duplicate.
  std::optional<model::EvalPtr> block(model::EvalPtr eval);
  // Capacity of this class may have grown at `index`. What is returned is no longer kept; oldest first.
  std::vector<model::EvalPtr> unblock(const std::string& computed_class, Index index);
  // The ones that ran out of plan attempts; tried again once a minute.
  std::vector<model::EvalPtr> unblock_max_plans();
  // The job got what it wanted, or is gone.
  void forget(const model::JobKey& job);
  // This evaluation ended or is gone; another of the same job stays.
  void forget(const model::Evaluation& eval);
  // Evaluations that another of the same job replaced, to be canceled.
  std::vector<model::EvalPtr> take_duplicates();
  // Forgets unblocks up to `index`: no scheduler works on an older snapshot.
  void prune(Index index);

  std::size_t size() const { return by_job_.size(); }
  bool holds(const model::Evaluation& eval) const;

 private:
  using Arrival = std::uint64_t;
  struct Blocked {
    model::EvalPtr eval;
    Arrival arrival = 0;
  };
  struct Unblocked {
    Index at;
    // All that arrived before this and are still here do not fit that class: no need to look again.
    Arrival looked_up_to = 0;
  };

  bool missed_unblock(const model::Evaluation& eval) const;
  model::EvalPtr take(const model::JobKey& job);

  std::map<model::JobKey, Blocked> by_job_;
  std::map<Arrival, model::JobKey> by_arrival_;
  Arrival arrivals_ = 0;
  std::map<std::string, Unblocked> unblocked_;  // by class
  std::vector<model::EvalPtr> duplicates_;
};

}  // namespace core::leader
