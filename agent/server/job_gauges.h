// SPDX-License-Identifier: MPL-2.0
// How the jobs of a cluster stand, as its leader tells: how many have which status, and of each job's groups
// how many instances do. Counted by a reader thread, now and then and only after changes.
#pragma once

#include <map>
#include <vector>

#include "agent/server/queries.h"
#include "core/metrics/registry.h"

namespace agent::server {

class JobGauges {
 public:
  // Jobs told of one by one: six gauges a group, and the registry's room is for others too.
  static constexpr std::size_t kJobsMax = 500;

  // Both outlive it.
  JobGauges(net::uv::Loop& loop, core::metrics::Registry& registry, Queries& queries);

  // Once a collection interval. Who does not lead tells of no jobs.
  void set(bool leads);

 private:
  struct Told {
    core::metrics::Gauge gauge;
    double value = 0;
  };
  using Group = std::vector<Told>;
  using GroupKey = std::pair<core::model::JobKey, std::string>;

  void count();
  void learn(const store::state::JobCounts& counts);
  void learn(const core::model::JobSummary& job, const std::string& group, const core::model::GroupSummary& summary,
             std::map<GroupKey, Group>& before);
  void forget(std::map<GroupKey, Group>& groups);

  net::uv::Loop& loop_;
  core::metrics::Registry& registry_;
  Queries& queries_;
  std::map<core::model::JobStatus, Told> by_status_;
  std::map<GroupKey, Group> groups_;
  core::Index counted_;
  core::Instant count_at_;
  bool counting_ = false;
  net::uv::Lifetime lifetime_;
};

}  // namespace agent::server
