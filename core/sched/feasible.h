// SPDX-License-Identifier: MPL-2.0
// What a task group requires of a node whatever runs there already: datacenter, drivers, constraints.
// Compiled once for a group. Answers that all nodes of a computed class share are kept by class; only
// constraints on unique attributes are asked of every node.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/job.h"
#include "core/sched/constraint.h"
#include "core/sched/fleet.h"

namespace core::sched {

// The job may run there. An entry may hold '*' for any run of characters.
bool in_datacenters(const model::Job& job, std::string_view datacenter);
// The driver is there and healthy; a node that does not report drivers says so by attribute.
bool has_driver(const model::Node& node, const std::string& driver);

class Feasibility {
 public:
  Feasibility(const Fleet& fleet, const model::Job& job, const model::TaskGroup& group);

  // Why the host will not do: "missing drivers", "missing host network ...", or the constraint as
  // "LTARGET OPERAND RTARGET". Null if it will. The datacenter is the caller's to check.
  const std::string* refusal(HostIndex host);

  // Computed classes asked so far, and whether their nodes may do.
  void report_classes(std::map<std::string, bool>& eligible) const;
  // Some answer differs within a class, so that classes alone cannot say where to try again.
  bool escapes() const { return !unique_.empty(); }

 private:
  struct Verdict {
    bool known = false;
    const std::string* refusal = nullptr;
  };
  void compile(const std::vector<model::Constraint>& constraints);
  const std::string* refused_by_class(const model::Node& node) const;

  const Fleet& fleet_;
  std::vector<std::string> drivers_;
  std::vector<Predicate> shared_, unique_;
  std::size_t job_rules_ = 0;  // the first so many of shared_ are the job's: they come before drivers
  std::optional<std::string> missing_network_;
  std::vector<Verdict> by_class_;
};

// Constraints about the job's other allocations, not about the node.
bool is_distinct(const model::Constraint& constraint);

}  // namespace core::sched
