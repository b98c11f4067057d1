// SPDX-License-Identifier: MPL-2.0
// What a scheduler proposes at one state index, in the compact form that the log keeps: a plan says
// the shared resources of a task group once and a short record per placement, never the job itself.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/fields.h"
#include "core/model/alloc.h"

namespace core::model {

// Resources of one task group as asked for; networks carry no concrete ports yet.
struct PlanGroup {
  std::string name;
  std::map<std::string, Resources> tasks;
  Resources shared;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Name", self.name);
    visit("Tasks", self.tasks);
    visit("Shared", self.shared);
  }
};

struct Placement {
  AllocId id;             // an existing id is an in-place update
  std::uint32_t group = 0;  // into Plan::groups
  std::string name;
  NodeId node_id;
  std::string node_name;
  // Concrete networks by task name, "" for the group's; absent where there are none.
  std::map<std::string, std::vector<NetworkResource>> networks;
  AllocMetric metrics;
  AllocId previous_allocation;
  std::optional<RescheduleTracker> reschedule_tracker;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("ID", self.id);
    visit("Group", self.group);
    visit("Name", self.name);
    visit("NodeID", self.node_id);
    visit("NodeName", self.node_name);
    visit("Networks", self.networks);
    visit("Metrics", self.metrics);
    visit("Previous", self.previous_allocation);
    visit("Reschedule", self.reschedule_tracker);
  }
};

struct PlanStop {
  AllocId id;
  NodeId node_id;
  DesiredStatus desired_status = DesiredStatus::stop;
  std::string description;
  std::optional<ClientStatus> client_status;  // lost, when the node is gone
  EvalId followup_eval;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("ID", self.id);
    visit("NodeID", self.node_id);
    visit("DesiredStatus", self.desired_status);
    visit("Description", self.description);
    visit("ClientStatus", self.client_status);
    visit("FollowupEvalID", self.followup_eval);
  }
};

struct Plan {
  EvalId eval_id;
  std::int64_t priority = kPriorityDefault;
  bool all_at_once = false;
  JobKey job;                     // the job is named by id and version, never carried
  std::uint64_t job_version = 0;
  Index snapshot_index;           // of the view it was made from
  std::vector<PlanGroup> groups;
  std::vector<PlanStop> stops;
  std::vector<Placement> placements;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("EvalID", self.eval_id);
    visit("Priority", self.priority);
    visit("AllAtOnce", self.all_at_once);
    visit("Job", self.job);
    visit("JobVersion", self.job_version);
    visit("SnapshotIndex", self.snapshot_index);
    visit("Groups", self.groups);
    visit("Stops", self.stops);
    visit("Placements", self.placements);
  }
  bool empty() const { return stops.empty() && placements.empty(); }
};

// The allocation that a placement makes (indexes and times are the caller's to set).
Allocation placed_alloc(const Plan& plan, const Placement& placement, JobPtr job);
// Resources a placement takes of its node.
Amount amount(const Plan& plan, const Placement& placement);

}  // namespace core::model
