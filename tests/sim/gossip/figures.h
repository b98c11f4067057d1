// SPDX-License-Identifier: MPL-2.0
// How well gossip does, in numbers: how soon a failure is known everywhere, how often somebody who is well is taken for
// failed, how soon many know one more, and what a member sends however many there are.
#pragma once

namespace sim::gossip {

// Prints them as they are found: minutes of processor time. Ends with "N passed, N failed"; 0: all are as promised.
int print_figures();

}  // namespace sim::gossip
