// SPDX-License-Identifier: MPL-2.0
// One suspect's time to object (Lifeguard LHA-Suspicion): long while only one member accuses it, since
// the accuser may be the slow one, and shorter with each independent accusation.
#pragma once

#include <set>
#include <string>

#include "core/gossip/timing.h"

namespace core::gossip {

class Suspicion {
 public:
  // `members`: how many live, the suspect and ourselves included.
  Suspicion(const Timing& timing, std::size_t members, Instant now, std::string accuser);

  // False: this member accused it before, or enough others have.
  bool confirm(const std::string& accuser);
  Instant deadline() const;
  // Has it gone on long enough for an objection to arrive? If so, another's verdict is as good as ours.
  bool ripe(Instant now) const { return now >= started_ + shortest_ / 2; }
  std::size_t confirmations() const { return accusers_.size() - 1; }

 private:
  Instant started_;
  Duration shortest_, longest_;
  std::size_t wanted_;  // confirmations after which the time is shortest
  std::set<std::string> accusers_;
};

}  // namespace core::gossip
