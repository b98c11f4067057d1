// SPDX-License-Identifier: MPL-2.0
// Plans that wait to be verified: higher priority first, then first come, first served. Only so many
// verified plans are on their way through the log at once; the rest wait here, where a more urgent one
// can still overtake.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/model/plan.h"

namespace core::leader {

struct PendingPlan {
  EvalId eval;
  std::string token;          // of the lease it was made under
  std::uint32_t attempt = 0;  // earlier plans of this evaluation that were refused or cut down
  model::Plan plan;
  std::vector<model::Evaluation> evals;  // to be written with the plan, if all of it is accepted
  Instant submitted{};                   // when its scheduler handed it in
};

class PlanQueue {
 public:
  void push(PendingPlan plan);
  std::optional<PendingPlan> pop();
  std::size_t size() const { return plans_.size(); }

 private:
  struct Item {
    std::int64_t priority;
    std::uint64_t arrival;
    PendingPlan plan;
    bool operator<(const Item& other) const {
      return priority != other.priority ? priority > other.priority : arrival < other.arrival;
    }
  };
  std::uint64_t arrivals_ = 0;
  std::multiset<Item> plans_;
};

}  // namespace core::leader
