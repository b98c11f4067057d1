// SPDX-License-Identifier: MPL-2.0
// An allocation as lists give it. Statuses are words: an agent that speaks as v0.1.2 lists placements
// that failed, whose status "failed" later ones do not have.
#pragma once

#include <string>

#include "core/base/fields.h"

namespace cli {

struct AllocStub {
  core::AllocId id;
  std::string eval_id, node_id, node_name, task_group, desired_status, client_status, client_description;
  std::uint64_t job_version = 0;
  core::Index create_index;
  core::WallTime create_time, modify_time;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("ID", self.id);
    visit("EvalID", self.eval_id);
    visit("NodeID", self.node_id);
    visit("NodeName", self.node_name);
    visit("TaskGroup", self.task_group);
    visit("DesiredStatus", self.desired_status);
    visit("ClientStatus", self.client_status);
    visit("ClientDescription", self.client_description);
    visit("JobVersion", self.job_version);
    visit("CreateIndex", self.create_index);
    visit("CreateTime", self.create_time);
    visit("ModifyTime", self.modify_time);
  }
  // No allocation, but a group that found no place.
  bool failed_placement() const { return desired_status == "failed"; }
};

}  // namespace cli
