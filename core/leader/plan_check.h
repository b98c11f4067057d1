// SPDX-License-Identifier: MPL-2.0
// Does a plan still fit? Schedulers work on snapshots and in parallel; only the leader sees what was
// decided meanwhile. A plan is checked node by node against the newest state with the plans laid over
// it that were accepted but not applied yet, so that the next plan need not wait for the log.
#pragma once

#include <cstdint>
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
  using Ticket = std::uint64_t;  // 0: nothing was accepted, there is nothing to settle
  struct Verdict {
    model::Plan accepted;   // the part that fits; stops always do
    bool whole = true;
    Ticket ticket = 0;
    std::vector<std::pair<NodeId, std::string>> refused;  // node and why, ordered by node
  };

  // Accepts what fits and remembers it until it is settled. The view must not be older than what was
  // settled.
  Verdict check(model::Plan plan, const model::StateView& view);
  // The accepted plan is part of the state now, or never will be.
  void settle(Ticket ticket);
  std::size_t in_flight() const { return in_flight_.size(); }
  bool is_in_flight(Ticket ticket) const { return in_flight_.contains(ticket); }
  // In the order they were accepted.
  std::vector<model::Plan> plans_in_flight() const;

 private:
  // What one plan does on one node.
  struct Part {
    std::vector<const model::Placement*> placements;
    std::set<AllocId> gone;  // stopped or replaced: no longer counts
  };
  using Parts = std::map<NodeId, Part>;
  struct Accepted {
    model::Plan plan;
    Parts parts;  // points into plan
  };

  static Parts parts_of(const model::Plan& plan);
  std::set<NodeId> refuse(const std::set<NodeId>& among, const model::Plan& plan, const model::StateView& view,
                          Verdict& verdict) const;
  std::string refusal(const NodeId& node, const Part& part, const model::Plan& plan,
                      const model::StateView& view) const;
  std::string fits(const model::Node& node, const Part& part, const model::Plan& plan,
                   const model::StateView& view) const;
  Ticket remember(const model::Plan& plan);

  Ticket last_ticket_ = 0;
  std::map<Ticket, Accepted> in_flight_;
  std::map<NodeId, std::set<Ticket>> by_node_;
};

}  // namespace core::leader
