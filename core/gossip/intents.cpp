// SPDX-License-Identifier: MPL-2.0
// Intents: what is wanted with a member, ordered by Lamport time. An intent counts if it is newer than
// the newest known about its member; one about a member not heard of yet waits for it. A member that
// did not mean to leave answers with a newer intent to stay.
#include <utility>

#include "core/base/limits.h"
#include "core/gossip/state.h"

namespace core::gossip {
namespace {

std::string subject_of(const std::string& name) { return name + "/intent"; }

// Whether it is news.
bool remember(State& s, const std::string& name, const EarlyIntent& intent) {
  const auto it = s.early_intents.find(name);
  if (it != s.early_intents.end() && intent.time <= it->second.time) return false;
  if (it == s.early_intents.end() && s.early_intents.size() >= limits::kGossipIntentsMax) return false;
  s.early_intents.insert_or_assign(name, intent);
  return true;
}

void leave_now(State& s, Output& out) {
  s.leaving.stage = Farewell::over;
  out.left = Left{s.leaving.ticket};
  out.events = s.events.take(s.members, s.now + s.config.timing.event_window);
}

}  // namespace

void intend_to_stay(State& s) {
  const JoinIntent intent{s.clock.tick(), s.config.name};
  s.edit(s.config.name, [&](Member& m) { m.status_time = intent.time; });
  spread(s, subject_of(intent.name), intent);
}

void hear(State& s, const JoinIntent& intent) {
  s.clock.witness(intent.time);
  if (s.is_self(intent.name)) return;
  const auto* known = s.members.find(intent.name);
  if (known == nullptr) {
    if (remember(s, intent.name, {.time = intent.time, .leave = false, .prune = false, .heard_at = s.now}))
      spread(s, subject_of(intent.name), intent);
    return;
  }
  if (intent.time <= known->status_time) return;
  s.edit(intent.name, [&](Member& m) {
    m.status_time = intent.time;
    m.leaving = false;
  });
  spread(s, subject_of(intent.name), intent);
}

void hear(State& s, const LeaveIntent& intent) {
  s.clock.witness(intent.time);
  if (s.is_self(intent.name)) {
    if (s.leaving.stage == Farewell::none && intent.time > s.self().status_time) intend_to_stay(s);
    return;
  }
  const auto* known = s.members.find(intent.name);
  if (known == nullptr) {
    if (remember(s, intent.name, {.time = intent.time, .leave = true, .prune = intent.prune, .heard_at = s.now}))
      spread(s, subject_of(intent.name), intent);
    return;
  }
  if (intent.time <= known->status_time) return;
  const auto& member = s.edit(intent.name, [&](Member& m) {
    m.status_time = intent.time;
    if (m.lives()) m.leaving = true;
    if (m.condition != Condition::failed) return;
    m.condition = Condition::left;
    m.changed_at = s.now;
  });
  spread(s, subject_of(intent.name), intent);
  if (!intent.prune || member.lives()) return;
  remember(s, intent.name, {.time = intent.time, .leave = true, .prune = true, .heard_at = s.now});
  s.members.erase(intent.name);
}

void apply_early_intent(State& s, const std::string& name) {
  const auto it = s.early_intents.find(name);
  if (it == s.early_intents.end()) return;
  const auto intent = it->second;
  s.early_intents.erase(it);
  s.edit(name, [&](Member& m) {
    m.status_time = intent.time;
    // One that was to be forgotten and is heard of again was not gone.
    m.leaving = intent.leave && !intent.prune;
  });
}

void on_input(State& s, const ForceLeaveAsked& in, Output&) {
  if (s.members.find(in.name) == nullptr) return;
  hear(s, LeaveIntent{s.clock.tick(), in.name, in.prune});
}

void on_input(State& s, const LeaveAsked& in, Output& out) {
  if (s.leaving.stage != Farewell::none) return;
  s.leaving.ticket = in.ticket;
  const bool alone = s.members.living() == 1;
  const LeaveIntent intent{s.clock.tick(), s.config.name, false};
  s.edit(s.config.name, [&](Member& m) {
    m.status_time = intent.time;
    m.leaving = !alone;
    if (alone) m.condition = Condition::left;
  });
  if (alone) return leave_now(s, out);
  s.leaving.stage = Farewell::intended;
  s.leaving.next = s.now + s.config.timing.leave_delay;
  spread(s, subject_of(intent.name), intent);
}

// The intent has had its time to travel; now the goodbye, and time for that.
void drive_leave(State& s, Output& out) {
  if (s.leaving.stage == Farewell::said) return leave_now(s, out);
  s.leaving.stage = Farewell::said;
  s.leaving.next = s.now + s.config.timing.leave_delay;
  const auto& self = s.edit(s.config.name, [&](Member& m) {
    m.condition = Condition::left;
    m.leaving = false;
    m.changed_at = s.now;
  });
  spread(s, self.name, Dead{self.name, self.identity, self.incarnation, self.name});
}

void on_message(State& s, const Endpoint&, const JoinIntent& m, Output&) { hear(s, m); }
void on_message(State& s, const Endpoint&, const LeaveIntent& m, Output&) { hear(s, m); }

}  // namespace core::gossip
