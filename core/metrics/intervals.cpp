// SPDX-License-Identifier: MPL-2.0
#include "core/metrics/intervals.h"

#include <algorithm>

#include "core/base/assert.h"

namespace core::metrics {

bool Intervals::advance(WallTime now) {
  const auto begin = floor(now);
  if (begin == begins_[current_]) return false;
  current_ = (current_ + 1) % kSlots;
  finished_ = std::min(finished_ + 1, kFinishedKept);
  begins_[current_] = begin;
  return true;
}

std::size_t Intervals::slot(std::size_t i) const {
  ASSERT(i < finished_);
  return (current_ + kSlots - finished_ + i) % kSlots;
}

}  // namespace core::metrics
