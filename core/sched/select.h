// SPDX-License-Identifier: MPL-2.0
// Finds the node for a placement. Every node that takes work in the job's datacenters is looked at: it
// is filtered (with a reason), exhausted (with a dimension), or scored, and the best score wins. Nodes
// are in id order, begun at a point the generator draws, and of equal scores the first wins: so that
// schedulers working at once do not all choose the same node. What is chosen counts for what comes next.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "core/base/rng.h"
#include "core/model/eval.h"
#include "core/sched/candidates.h"
#include "core/sched/distinct.h"
#include "core/sched/fleet.h"
#include "core/sched/occupancy.h"
#include "core/sched/peers.h"
#include "core/sched/scan.h"
#include "core/sched/spread.h"

namespace core::sched {

struct SelectOptions {
  Algorithm algorithm = Algorithm::binpack;
  PortRange dynamic_ports;
  // Best nodes whose scores are recorded with the first placement of a group; later ones of the same
  // plan record the node they got, because a plan goes into the log.
  std::size_t score_meta_kept = 5;
};

// The ports that an allocation has, as a placement states them.
Networks networks_of(const model::Allocation& alloc);

class Selector {
 public:
  using GroupIndex = Peers::GroupIndex;

  // All must outlive the selector. `allocs` are the job's; those that run count as its peers.
  Selector(const Fleet& fleet, const model::Job& job, const std::vector<model::AllocPtr>& allocs,
           SelectOptions options, Rng& rng);

  struct Wish {
    GroupIndex group = 0;
    std::vector<NodeId> penalty;        // where it failed before
    std::optional<NodeId> preferred;    // taken if it will do, whatever its score
  };
  struct Choice {
    HostIndex host = 0;
    Networks networks;
    model::AllocMetric metrics;
  };
  struct Failure {
    model::AllocMetric metrics;  // why each node would not do
  };
  // The choice is taken: its room and ports are no longer free.
  std::variant<Choice, Failure> place(const Wish& wish);

  // The allocation does not count from now on; does nothing for one that does not run. restore() takes
  // it back, in any order. The allocation must outlive the selector.
  void release(const model::Allocation& alloc);
  void restore(const model::Allocation& alloc);

  const model::PlanGroup& asked(GroupIndex group);

  // Tries to run the group, as the job has it now, in the allocation's place with the ports it has.
  // The allocation is released and replaced if that will do; nothing changes if not.
  std::optional<model::AllocMetric> update_in_place(const model::Allocation& alloc, GroupIndex group);

  // What blocked evaluations of these groups wait for.
  void report_classes(GroupIndex group, std::map<std::string, bool>& eligible);
  bool escapes(GroupIndex group);

 private:
  struct Group {
    Distinct distinct;
    Spreads spreads;
    std::unique_ptr<Candidates> candidates;  // made when first needed
    bool placed = false;                     // a placement of this plan recorded the best scores
  };
  Candidates& candidates(GroupIndex group);
  Choice take(Group& group, std::size_t candidate, Networks networks, const Scan& scan);
  std::optional<Networks> try_ports(Candidates& candidates, std::size_t candidate, Scan& scan);
  std::vector<HostIndex> hosts(const std::vector<NodeId>& nodes) const;

  const Fleet& fleet_;
  const model::Job& job_;
  SelectOptions options_;
  Rng& rng_;
  std::uint64_t rotation_;
  Occupancy occupancy_;
  Peers peers_;
  std::vector<Group> groups_;
  std::set<AllocId> released_;
};

}  // namespace core::sched
