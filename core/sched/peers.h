// SPDX-License-Identifier: MPL-2.0
// Where the other allocations of the job are while a plan is made: how many of a group on each host,
// how many for each value of a property. Anti-affinity, spread and the distinct_* constraints ask it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/job.h"
#include "core/sched/fleet.h"
#include "core/sched/target.h"

namespace core::sched {

// Allocations by the value that one property has on their node.
class PropertyCounts {
 public:
  using Value = std::int32_t;
  static constexpr Value kMissing = -1;

  PropertyCounts(const Fleet& fleet, std::string_view target);
  Value at(HostIndex host) const { return by_host_[host]; }
  std::int64_t count(Value value) const { return counts_[static_cast<std::size_t>(value)]; }
  const std::vector<std::int64_t>& counts() const { return counts_; }
  const std::vector<std::string>& values() const { return values_; }
  void add(HostIndex host, std::int64_t delta);

 private:
  std::vector<std::string> values_;
  std::vector<std::int64_t> counts_;
  std::vector<Value> by_host_;
};

class Peers {
 public:
  using GroupIndex = std::size_t;  // into Job::groups
  using Property = std::size_t;

  Peers(const Fleet& fleet, const model::Job& job);

  // An allocation of the group is on the host (delta 1), or no longer (-1). No group: one that the job
  // does not have any more.
  void add(std::optional<GroupIndex> group, HostIndex host, std::int64_t delta);
  std::optional<GroupIndex> group(std::string_view name) const;

  std::int64_t on(HostIndex host) const { return of_job_[host]; }
  std::int64_t on(HostIndex host, GroupIndex group) const { return of_group_[group][host]; }

  // Starts counting a property over the job, or one group of it.
  // REQUIRES: nothing was added yet.
  Property track(std::string_view target, std::optional<GroupIndex> group);
  const PropertyCounts& property(Property property) const { return properties_[property].counts; }

 private:
  struct Tracked {
    std::optional<GroupIndex> group;
    PropertyCounts counts;
  };
  const Fleet& fleet_;
  std::vector<std::string> names_;
  std::vector<std::int32_t> of_job_;
  std::vector<std::vector<std::int32_t>> of_group_;
  std::vector<Tracked> properties_;
};

}  // namespace core::sched
