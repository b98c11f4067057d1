// SPDX-License-Identifier: MPL-2.0
// What must hold after every step, whatever came in. Checked always: the cost is a few comparisons.
#pragma once

#include "core/gossip/state.h"

namespace core::gossip {

// What of a state the next one is compared with.
struct Summary {
  Incarnation incarnation;  // our own
  LamportTime time;
  Farewell stage = Farewell::none;
};
Summary summarize(const State&);

// Aborts on the first rule broken.
void check(const State&, const Summary& before);

}  // namespace core::gossip
