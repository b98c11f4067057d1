// SPDX-License-Identifier: MPL-2.0
// Moves work off draining nodes. Service allocations go in batches of their group's migrate.max_parallel:
// the next batch is marked once the replacements of the last one run. Batch allocations may finish until
// the deadline; system ones stay until the rest is gone. Past the deadline, or with a negative one, all
// that is left is marked at once. A node is done when nothing it has to wait for runs there any more.
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
  // Notes which nodes and jobs a change makes worth looking at; cheap for changes that concern none.
  void on_change(const model::Change& change);
  // What is to be done now about what was noted and about passed deadlines. What was asked for before is
  // not asked for again, unless nothing came of it for a while.
  Step advance(const model::StateView& view, Instant now, WallTime wall);
  bool pending() const { return !dirty_nodes_.empty() || !dirty_jobs_.empty(); }
  std::optional<Instant> next_deadline() const { return earlier(deadlines_.next(), ask_again_.next()); }

 private:
  struct Draining {
    std::set<model::JobKey> jobs;  // service jobs with work there, as of the last look
    std::set<AllocId> asked;       // to be marked, but not seen marked yet
    bool done_asked = false;
  };

  void forget(const NodeId& node);
  void look_at(const NodeId& id, const model::StateView& view, Instant now, WallTime wall, Step& step);
  bool past_deadline(const model::Node& node, Instant now, WallTime wall);
  void watch_jobs(const NodeId& id, Draining& draining, std::set<model::JobKey> jobs);
  void next_batches(const model::JobKey& key, const model::StateView& view, Instant now, Step& step);
  void next_batch(const model::TaskGroup& group, const std::vector<model::AllocPtr>& allocs, Instant now, Step& step);
  void mark(const model::Allocation& alloc, Instant now, Step& step);
  bool marked(const model::Allocation& alloc) const;

  std::map<NodeId, Draining> draining_;
  std::map<model::JobKey, std::set<NodeId>> nodes_of_;  // Draining::jobs the other way round
  std::set<NodeId> dirty_nodes_;
  std::set<model::JobKey> dirty_jobs_;
  Deadlines<NodeId> deadlines_;
  Deadlines<NodeId> ask_again_;
};

}  // namespace core::leader
