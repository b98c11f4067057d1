// SPDX-License-Identifier: MPL-2.0
#include "core/gossip/invariants.h"

#include "core/base/assert.h"
#include "core/base/limits.h"

namespace core::gossip {

Summary summarize(const State& s) { return {s.self().incarnation, s.clock.time(), s.leaving.stage}; }

void check(const State& s, const Summary& before) {
  const auto* self = s.members.find(s.config.name);
  ASSERT(self != nullptr);
  ASSERT(self->identity == s.config.identity);
  // Nobody but ourselves says that we are gone.
  ASSERT(self->condition == (s.leaving.stage >= Farewell::said ? Condition::left : self->condition));
  ASSERT(s.leaving.stage != Farewell::none || self->condition == Condition::alive);
  ASSERT(self->incarnation >= before.incarnation);
  ASSERT(s.clock.time() >= before.time);
  ASSERT(s.leaving.stage >= before.stage);
  ASSERT(s.members.living() <= s.members.size());
  ASSERT(s.members.size() <= limits::kGossipMembersMax);
  ASSERT(s.suspicions.size() == s.suspicion_deadlines.size());
  ASSERT(s.probing.probes.size() == s.probing.targets.size());
  ASSERT(s.broadcasts.size() <= limits::kGossipBroadcastsMax);
}

}  // namespace core::gossip
