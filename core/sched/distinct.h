// SPDX-License-Identifier: MPL-2.0
// distinct_hosts and distinct_property: where the job's other allocations forbid another one.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "core/model/job.h"
#include "core/sched/peers.h"

namespace core::sched {

class Distinct {
 public:
  // Starts tracking the properties it needs in `peers`, which must outlive it.
  Distinct(Peers& peers, const model::Job& job, Peers::GroupIndex group);
  bool empty() const { return rules_.empty(); }

  // Which rule forbids the host; cheap to compare and count.
  struct Refusal {
    std::int32_t rule = -1;  // none
    PropertyCounts::Value value = PropertyCounts::kMissing;
    explicit operator bool() const { return rule >= 0; }
    friend auto operator<=>(const Refusal&, const Refusal&) = default;
  };
  Refusal refuses(HostIndex host) const;
  // "distinct_hosts", "distinct_property: TARGET=VALUE used by N allocs", "missing property "TARGET"".
  std::string reason(Refusal refusal) const;

 private:
  struct Rule {
    bool whole_job;
    std::string target;             // of a property rule
    Peers::Property property = 0;
    std::int64_t allowed = 0;       // 0: a distinct_hosts rule
  };
  void add(const std::vector<model::Constraint>& constraints, bool whole_job);

  Peers& peers_;
  Peers::GroupIndex group_;
  std::vector<Rule> rules_;
};

}  // namespace core::sched
