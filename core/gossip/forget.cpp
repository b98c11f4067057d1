// SPDX-License-Identifier: MPL-2.0
// Members that are gone: tried again while they may come back, forgotten when they will not.
#include <vector>

#include "core/gossip/state.h"

namespace core::gossip {
namespace {

constexpr Duration kEarlyIntentKept = std::chrono::minutes(5);

}  // namespace

void reap(State& s) {
  const auto& t = s.config.timing;
  s.next_reap = s.now + t.reap_interval;
  std::vector<std::string> over;
  s.members.for_each([&](const Member& m) {
    const auto gone_for = s.now - m.changed_at;
    if ((m.condition == Condition::failed && gone_for >= t.reconnect_timeout) ||
        (m.condition == Condition::left && gone_for >= t.tombstone_timeout))
      if (!s.is_self(m.name)) over.push_back(m.name);
  });
  for (const auto& name : over) {
    s.events.before(name, s.members.find(name), s.now);
    s.members.erase(name);
  }
  std::erase_if(s.early_intents, [&](const auto& entry) { return s.now - entry.second.heard_at >= kEarlyIntentKept; });
}

// One failed member a round in the whole cluster for each that failed, whoever tries it.
void reconnect(State& s, Output& out) {
  s.next_reconnect = s.now + s.config.timing.reconnect_interval;
  if (s.leaving.stage != Farewell::none) return;
  std::size_t failed = 0;
  s.members.for_each([&](const Member& m) { failed += m.condition == Condition::failed ? 1 : 0; });
  if (failed == 0 || s.rng.below(s.members.living()) >= failed) return;
  const auto chosen = s.members.pick(s.rng, 1, [](const Member& m) { return m.condition == Condition::failed; });
  if (!chosen.empty()) compare_with(s, chosen.front()->endpoint, std::nullopt, out);
}

}  // namespace core::gossip
