// SPDX-License-Identifier: MPL-2.0
// How well this member itself is doing, as far as it can tell (Lifeguard LHA-Probe): every probe that
// went unanswered without anybody's confirming it, and every accusation it had to refute, speak for
// trouble of its own; every answer speaks against. A member in trouble gives others more time.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/base/time.h"

namespace core::gossip {

class Awareness {
 public:
  static constexpr int kMax = 7;

  void worse(int by = 1) { score_ = std::min(score_ + by, kMax); }
  void better() { score_ = std::max(score_ - 1, 0); }
  // 0: healthy.
  int score() const { return score_; }
  Duration stretch(Duration d) const { return d * (score_ + 1); }

 private:
  int score_ = 0;
};

}  // namespace core::gossip
