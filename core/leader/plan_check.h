// SPDX-License-Identifier: MPL-2.0
// Does a plan still fit? Schedulers work on snapshots and in parallel; only the leader sees what was
// decided meanwhile. A plan is checked node by node against the newest state with the plans laid over
// it that were accepted but not applied yet, so that the next plan need not wait for the log.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/model/plan.h"
#include "core/model/view.h"

namespace core::leader {

class PlanCheck {
 public:
  struct Verdict {
    model::Plan accepted;   // the part that fits; stops always do
    bool whole = true;
    std::vector<std::pair<NodeId, std::string>> refused;  // node and why, ordered by node
  };

  // Accepts what fits and remembers it under the evaluation's id until applied() or dropped.
  Verdict check(model::Plan plan, const model::StateView& view);
  // The plan of this evaluation is part of the state now, or never will be.
  void settle(const EvalId& eval) { in_flight_.erase(eval); }
  std::size_t in_flight() const { return in_flight_.size(); }
  std::vector<model::Plan> plans_in_flight() const;

 private:
  std::string refusal(const NodeId& node, const std::vector<const model::Placement*>& placements,
                      const model::Plan& plan, const model::StateView& view) const;
  std::vector<const model::Plan*> others() const;

  std::map<EvalId, model::Plan> in_flight_;
};

}  // namespace core::leader
