// SPDX-License-Identifier: MPL-2.0
// A Lamport clock: orders intents without anybody's clock.
#pragma once

#include <algorithm>

#include "core/gossip/types.h"

namespace core::gossip {

class LamportClock {
 public:
  // Later than anything seen so far.
  LamportTime tick() { return time_ = time_.next(); }
  void witness(LamportTime seen) { time_ = std::max(time_, seen); }
  LamportTime time() const { return time_; }

 private:
  LamportTime time_;
};

}  // namespace core::gossip
