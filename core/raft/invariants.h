// SPDX-License-Identifier: MPL-2.0
// What must hold after every step, whatever came in. Checked always: the cost is a few comparisons
// a peer, and a crash is better than a wrong answer.
#pragma once

#include "core/raft/state.h"

namespace core::raft {

// What of a state the next one is compared with.
struct Summary {
  Term term;
  bool voted = false;
  Role role = Role::follower;
  std::optional<ServerId> leader;
  EntryId last;
  Index commit;
  Index handed;
  Index applied;
};
Summary summarize(const State&);

// Aborts on the first rule broken. Figure 3 of the paper says why each is one.
void check(const State&, const Summary& before);

}  // namespace core::raft
