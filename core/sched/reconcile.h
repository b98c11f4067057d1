// SPDX-License-Identifier: MPL-2.0
// What a service or batch job wants against what there is: which allocations stop, which are updated,
// which are to be placed. Where they go is decided later; nothing here looks at a node but to see
// whether it is gone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/model/alloc.h"
#include "core/model/job.h"
#include "core/model/plan.h"
#include "core/model/view.h"

namespace core::sched {

struct Stop {
  model::AllocPtr alloc;
  const char* description;
  bool lost = false;  // its node is gone: nobody will report an end
};

struct Place {
  std::string name;
  model::AllocPtr previous;           // what it replaces; null for none
  const char* stop_previous = nullptr;  // described so, and only if the replacement finds a place
  bool reschedule = false;            // the previous one failed
};

struct Later {  // a failed allocation whose time has not come
  model::AllocPtr alloc;
  WallTime due;
};

struct GroupWork {
  const model::TaskGroup* group = nullptr;
  std::size_t index = 0;  // of the group in its job
  std::vector<model::AllocPtr> update;  // may be possible in place
  std::vector<Place> replace;           // updates that need a new allocation, in name order
  std::vector<Place> place;
  std::int64_t unsettled = 0;  // of the job's newest version: not running yet, or failed for good
};

struct Reconciled {
  std::vector<Stop> stops;
  std::vector<GroupWork> groups;
  std::vector<Later> later;
};

struct Setting {
  const model::StateView& view;
  const model::Evaluation& eval;
  WallTime now;
};

// `job` may be null or stopped: then everything stops. `allocs` are all of the job, of any version.
Reconciled reconcile(const model::Job* job, const std::vector<model::AllocPtr>& allocs, const Setting& setting);

// The allocation runs the job as it is now.
bool is_current(const model::Allocation& alloc, const model::Job& job);

}  // namespace core::sched
