// SPDX-License-Identifier: MPL-2.0
// Which slot of every series holds which interval of ten seconds: the current one and the six before it.
// Intervals begin at whole multiples of their length; one in which nobody looked at the clock is left out.
#pragma once

#include <array>
#include <cstddef>

#include "core/base/time.h"

namespace core::metrics {

inline constexpr Duration kInterval = 10s;
inline constexpr std::size_t kFinishedKept = 6;  // a minute
inline constexpr std::size_t kSlots = kFinishedKept + 1;

class Intervals {
 public:
  explicit Intervals(WallTime now) { begins_[0] = floor(now); }

  // Goes on to the interval of `now`. True: current() is another slot, and what it holds is to be cleared. A
  // clock that was set back begins a new interval too.
  bool advance(WallTime now);
  std::size_t current() const { return current_; }
  std::size_t finished() const { return finished_; }
  // Slot of a finished interval; 0 is the oldest. REQUIRES: i < finished().
  std::size_t slot(std::size_t i) const;
  WallTime begin(std::size_t slot) const { return begins_[slot]; }
  // The last finished interval, or the current one while none is finished.
  std::size_t newest_complete() const { return finished_ == 0 ? current_ : slot(finished_ - 1); }
  // When the current interval ends.
  WallTime end() const { return begins_[current_] + kInterval; }

 private:
  static WallTime floor(WallTime t) { return {t.ns - t.ns % kInterval.count()}; }

  std::array<WallTime, kSlots> begins_{};
  std::size_t current_ = 0;
  std::size_t finished_ = 0;
};

}  // namespace core::metrics
