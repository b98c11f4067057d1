// SPDX-License-Identifier: MPL-2.0
#include "store/state/time_table.h"

#include <algorithm>

namespace store::state {

bool TimeTable::witness(core::Index index, core::WallTime time) {
  if (!steps_.empty() && (index <= steps_.back().index || time < steps_.back().time + kStep)) return false;
  steps_.push_back({index, time});
  if (steps_.size() > kStepsMax) steps_.pop_front();
  return true;
}

core::Index TimeTable::nearest_index(core::WallTime time) const {
  const auto newest = std::find_if(steps_.rbegin(), steps_.rend(), [&](const TimeStep& s) { return s.time <= time; });
  return newest == steps_.rend() ? core::Index{} : newest->index;
}

std::optional<core::WallTime> TimeTable::nearest_time(core::Index index) const {
  const auto newest = std::find_if(steps_.rbegin(), steps_.rend(), [&](const TimeStep& s) { return s.index <= index; });
  if (newest == steps_.rend()) return std::nullopt;
  return newest->time;
}

}  // namespace store::state
