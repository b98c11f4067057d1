// SPDX-License-Identifier: MPL-2.0
#include "agent/discovery/need.h"

#include <algorithm>

namespace agent::discovery {

bool Need::look(bool alone, core::Instant now) {
  if (asking_) return false;
  next_look_ = now + rules_.pause;
  if (!alone) {
    known_ = true;
    alone_since_.reset();
    return false;
  }
  if (!alone_since_) alone_since_ = now;
  const auto due = known_ ? std::max(not_before_, *alone_since_ + rules_.patience) : not_before_;
  if (now >= due) return asking_ = true;
  next_look_ = std::min(next_look_, due);
  return false;
}

void Need::answered(bool failed, core::Instant now) {
  asking_ = false;
  next_look_ = not_before_ = now + (failed ? after_failure_ : rules_.pause);
  after_failure_ = failed ? std::min(after_failure_ * 2, rules_.pause_after_failures) : rules_.pause_after_failure;
}

std::optional<core::Instant> Need::next_look() const {
  if (asking_) return std::nullopt;
  return next_look_;
}

}  // namespace agent::discovery
