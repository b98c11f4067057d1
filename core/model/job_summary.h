// SPDX-License-Identifier: MPL-2.0
// How many instances of a job's groups are in which state: what job lists and summaries show.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/base/fields.h"
#include "core/model/alloc.h"
#include "core/model/job.h"

namespace core::model {

struct GroupSummary {
  std::int64_t queued = 0, complete = 0, failed = 0, running = 0, starting = 0, lost = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Queued", self.queued);
    visit("Complete", self.complete);
    visit("Failed", self.failed);
    visit("Running", self.running);
    visit("Starting", self.starting);
    visit("Lost", self.lost);
  }
  friend bool operator==(const GroupSummary& a, const GroupSummary& b) { return same_fields(a, b); }
};

struct ChildSummary {  // of dispatched and periodic children
  std::int64_t pending = 0, running = 0, dead = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Pending", self.pending);
    visit("Running", self.running);
    visit("Dead", self.dead);
  }
};

struct JobSummary {
  JobId job_id;
  std::string ns;
  std::map<std::string, GroupSummary> summary;
  ChildSummary children;
  Index create_index, modify_index;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("JobID", self.job_id);
    visit("Namespace", self.ns);
    visit("Summary", self.summary);
    visit("Children", self.children);
    visit("CreateIndex", self.create_index);
    visit("ModifyIndex", self.modify_index);
  }
};

// Counts the job's allocations by client status. `queued` is that of the job's newest evaluation.
JobSummary summarize(const Job& job, const std::vector<AllocPtr>& allocs,
                     const std::map<std::string, std::int64_t>& queued);
// The API's list stub of a job as JSON text.
std::string job_stub_to_api(const Job& job, const JobSummary& summary);

}  // namespace core::model
