// SPDX-License-Identifier: MPL-2.0
// Which log index belongs to which time: one step every five minutes for the last three days. Fed with
// the leader's times as entries carry them, so that every server holds the same table.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>

#include "core/base/ordinal.h"
#include "core/base/time.h"

namespace store::state {

struct TimeStep {
  core::Index index;
  core::WallTime time;
};

class TimeTable {
 public:
  static constexpr core::Duration kStep = std::chrono::minutes(5);
  static constexpr core::Duration kKept = std::chrono::hours(72);
  static constexpr std::size_t kStepsMax = kKept / kStep;

  // True if this made a new step: the index and the time both passed the newest one, the time by kStep.
  bool witness(core::Index index, core::WallTime time);
  // Puts back a step that was read from disk. REQUIRES: ascending order.
  void restore(TimeStep step) { steps_.push_back(step); }

  // The last index known to be no younger than `time`; 0 when nothing is that old.
  core::Index nearest_index(core::WallTime time) const;
  // Nothing when the table does not reach back to `index`.
  std::optional<core::WallTime> nearest_time(core::Index index) const;

  // Oldest first, at most kStepsMax.
  const std::deque<TimeStep>& steps() const { return steps_; }

 private:
  std::deque<TimeStep> steps_;
};

}  // namespace store::state
