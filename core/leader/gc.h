// SPDX-License-Identifier: MPL-2.0
// Garbage collection: when to look, and what is old enough to be forgotten. Ages are told by the times
// stored with the objects (an evaluation's and an allocation's modify time, a node's last status
// change), never by a clock here. Collecting reads a view and may run on a worker.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/deadlines.h"
#include "core/base/limits.h"
#include "core/model/event.h"
#include "core/model/view.h"

namespace core::leader {

struct GcConfig {
  Duration eval_threshold = 1h;
  Duration job_threshold = 4h;
  Duration node_threshold = 24h;
  Duration interval = 5min;
};

// Reaped and NodesDeregistered events for one kind of core evaluation ("eval-gc", "job-gc", "node-gc",
// or "force-gc": all of them without an age); split so that no event names more than
// limits::kReapIdsMax ids. Empty when there is nothing to collect. The rules are Nomad's
// (evaluations with all their allocations terminal; allocations that may still be rescheduled stay;
// dead jobs with nothing left; down nodes without live allocations).
std::vector<model::Event> collect(std::string_view kind, const model::StateView& view, WallTime now,
                                  const GcConfig& config);

class GcSchedule {
 public:
  GcSchedule(GcConfig config, Instant now);
  // Kinds to be collected now, in a fixed order; each is due again an interval later.
  std::vector<std::string> take_due(Instant now);
  std::optional<Instant> next_deadline() const { return deadlines_.next(); }

 private:
  GcConfig config_;
  Deadlines<std::string> deadlines_;
};

}  // namespace core::leader
