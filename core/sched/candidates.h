// SPDX-License-Identifier: MPL-2.0
// The hosts that may run one task group as far as that does not change while a plan is made, with what
// is worth remembering between two placements: whether the group fits, and how well. Only hosts whose
// use changed are judged anew.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
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
  std::uint32_t port_fault = 0;  // why its ports cannot be had as things are; 0: not known to fail
  Room room = Room::fits;
  double fit = 0, anti_affinity = 0, affinity = 0;
  Mean mean{};  // of these three

  bool will_do() const { return room == Room::fits && port_fault == 0; }
};

// Candidates without room or ports, counted.
struct Exhausted {
  std::int64_t nodes = 0;
  std::array<std::int64_t, 4> short_of{};             // by Room
  std::map<std::uint32_t, std::int64_t> port_faults;  // by Candidate::port_fault
  std::vector<std::int64_t> by_class;                 // by node class
  // REQUIRES: !candidate.will_do().
  void count(const Candidate& candidate, std::uint32_t node_class, std::int64_t delta);
};

// The score of one that will not do.
inline constexpr double kOut = -std::numeric_limits<double>::infinity();

class Candidates {
 public:
  // `rotation` says where in the ring of hosts the list begins.
  Candidates(const Fleet& fleet, const model::Job& job, Peers::GroupIndex group, Algorithm algorithm,
             std::uint64_t rotation);

  const model::PlanGroup& asked() const { return asked_; }
  const model::Amount& amount() const { return amount_; }
  const Networks& networks() const { return networks_; }
  Peers::GroupIndex group() const { return group_; }
  Feasibility& feasibility() { return feasibility_; }

  // Judges anew what changed since the last call; to be called before the following are looked at.
  void refresh(const Occupancy& occupancy, const Peers& peers);
  const std::vector<Candidate>& list() const { return list_; }
  const std::vector<double>& means() const { return means_; }  // kOut for those that will not do
  const Exhausted& exhausted() const { return exhausted_; }
  // Where in the list a host is, if it is.
  std::optional<std::size_t> find(HostIndex host) const;

  // The candidate's ports cannot be had, until the use of its host changes.
  void port_fault(std::size_t i, const std::string& why);
  const std::string& port_fault_text(std::uint32_t fault) const { return port_faults_[fault]; }

  // Room and fit of any host, candidate or not.
  Candidate judge(HostIndex host, const Occupancy& occupancy, const Peers& peers) const;

  // Counts of nodes looked at, by datacenter, and of those that will not do whatever runs there.
  const model::AllocMetric& filtered() const { return filtered_; }

 private:
  void collect(std::uint64_t rotation);
  void put(std::size_t i, Candidate candidate);
  double affinity(HostIndex host);
  std::uint32_t node_class(const Candidate& candidate) const { return fleet_.hosts()[candidate.host].node_class; }

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
  std::vector<double> means_;
  std::vector<std::int32_t> by_host_;  // into list_; -1 for none
  Exhausted exhausted_;
  std::optional<std::size_t> seen_;    // of Occupancy::changes()
  std::vector<std::string> port_faults_{""};
  model::AllocMetric filtered_;
};

}  // namespace core::sched
