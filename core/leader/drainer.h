// SPDX-License-Identifier: MPL-2.0
// Moves work off draining nodes. Service allocations go in batches of their group's migrate.max_parallel:
// the next batch is marked once the replacements of the last one run. Batch allocations may finish until
// the deadline. Past the deadline, or with a negative one, all that is left is marked at once. A node
// with nothing left to wait for is done.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "core/base/deadlines.h"
#include "core/model/change.h"
#include "core/model/view.h"

namespace core::leader {

class Drainer {
 public:
  struct Step {
    std::map<AllocId, model::DesiredTransition> migrate;  // to be marked and their jobs evaluated
    std::vector<NodeId> done;                             // drain complete
  };

  // All draining nodes of the view are looked at by the next advance().
  void rebuild(const model::StateView& view);
  // Notes which nodes a change makes worth looking at; cheap for changes that concern none.
  void on_change(const model::Change& change);
  // What is to be done now about the noted nodes and passed deadlines. What was asked for before and is
  // not applied yet is not asked for again.
  Step advance(const model::StateView& view, Instant now, WallTime wall);
  bool pending() const { return !dirty_.empty(); }
  std::optional<Instant> next_deadline() const { return deadlines_.next(); }

 private:
  std::set<NodeId> draining_;
  std::set<NodeId> dirty_;
  std::set<AllocId> asked_;
  Deadlines<NodeId> deadlines_;
};

}  // namespace core::leader
