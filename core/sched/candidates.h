// SPDX-License-Identifier: MPL-2.0
// The hosts that may run one task group as far as that does not change while a plan is made, with what
// is worth remembering between two placements: whether the group fits, and how well.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/model/eval.h"
#include "core/model/job.h"
#include "core/sched/feasible.h"
#include "core/sched/fleet.h"
#include "core/sched/occupancy.h"
#include "core/sched/peers.h"
#include "core/sched/rank.h"

namespace core::sched {

// Resources of one task group as a plan states them.
model::PlanGroup plan_group(const model::TaskGroup& group);

enum class Room : std::uint8_t { fits, cpu, memory, disk };  // the first dimension that is short
Room room(const model::Amount& used, const model::Amount& ask, const model::Amount& capacity);

struct Candidate {
  HostIndex host = 0;
  std::uint32_t stamp = 0;       // of the host's use when the following was worked out
  std::uint32_t port_fault = 0;  // see port_fault_text(); 0: none known
  Room room = Room::fits;
  double fit = 0;
  double anti_affinity = 0;
  double affinity = 0;
  double mean = 0;               // of these three
};

class Candidates {
 public:
  // `rotation` says where in the ring of hosts the list begins.
  Candidates(const Fleet& fleet, const model::Job& job, Peers::GroupIndex group, Algorithm algorithm,
             std::uint64_t rotation);

  const model::PlanGroup& asked() const { return asked_; }
  const model::Amount& amount() const { return amount_; }
  const Networks& networks() const { return networks_; }
  std::size_t size() const { return list_.size(); }
  Peers::GroupIndex group() const { return group_; }
  Feasibility& feasibility() { return feasibility_; }
  const Feasibility& feasibility() const { return feasibility_; }

  // The candidate as things are now.
  const Candidate& at(std::size_t i, const Occupancy& occupancy, const Peers& peers);
  // Its ports cannot be had as long as the host's use stays as it is.
  void port_fault(std::size_t i, const std::string& why);
  const std::string& port_fault_text(std::uint32_t fault) const { return port_faults_[fault]; }

  // Any host, candidate or not.
  Candidate judge(HostIndex host, const Occupancy& occupancy, const Peers& peers) const;

  // Counts of nodes looked at, by datacenter, and of those that will not do whatever runs there.
  const model::AllocMetric& filtered() const { return filtered_; }

 private:
  void collect(std::uint64_t rotation);
  double affinity(HostIndex host);

  const Fleet& fleet_;
  const model::Job& job_;
  Peers::GroupIndex group_;
  Algorithm algorithm_;
  model::PlanGroup asked_;
  model::Amount amount_;
  Networks networks_;
  Feasibility feasibility_;
  Affinities affinities_;
  std::vector<std::optional<double>> affinity_by_class_;
  std::vector<Candidate> list_;
  std::vector<std::string> port_faults_{""};
  model::AllocMetric filtered_;
};

}  // namespace core::sched
