// SPDX-License-Identifier: MPL-2.0
#include "core/gossip/suspicion.h"

#include <algorithm>
#include <cmath>

namespace core::gossip {

Suspicion::Suspicion(const Timing& timing, std::size_t members, Instant now, std::string accuser)
    : started_(now), wanted_(std::min(timing.confirmations, members < 2 ? 0 : members - 2)), accusers_{std::move(accuser)} {
  // News takes longer to travel the more members there are: it grows with the logarithm, above 100.
  const double scale = std::max(1.0, std::log10(static_cast<double>(std::max<std::size_t>(members, 1))) / 2);
  shortest_ = std::chrono::duration_cast<Duration>(timing.suspicion * scale);
  // With nobody who could confirm it, waiting longer brings nothing.
  longest_ = wanted_ == 0 ? shortest_ : shortest_ * timing.suspicion_factor;
}

bool Suspicion::confirm(const std::string& accuser) {
  return accusers_.size() <= wanted_ && accusers_.insert(accuser).second;
}

Instant Suspicion::deadline() const {
  if (confirmations() >= wanted_) return started_ + shortest_;
  const double share = std::log(static_cast<double>(confirmations() + 1)) / std::log(static_cast<double>(wanted_ + 1));
  const auto less = std::chrono::duration_cast<Duration>((longest_ - shortest_) * share);
  return started_ + std::max(shortest_, longest_ - less);
}

}  // namespace core::gossip
