// SPDX-License-Identifier: MPL-2.0
// Who overrides whom (SWIM §4.2), told per member:
//
//   alive(i)    overrides everything known of an incarnation before i
//   suspect(i)  overrides alive of i or before
//   dead(i)     overrides alive and suspect of i or before; a member that says it of itself has left
//
// One refinement: who hears that a member is dead and has not suspected it for a while suspects it first. After a
// partition the other side says so of everybody here, who live and need a moment to object.
//
// Only a member raises its own incarnation: when it starts with news of itself, and to object to what
// others say of it. A name belongs to one server while that lives: who comes with another identity is a
// conflict, which is told and changes nothing.
#include <algorithm>
#include <utility>

#include "core/base/limits.h"
#include "core/gossip/state.h"

namespace core::gossip {
namespace {

constexpr Duration kTellConflictAgain = 60s;
constexpr std::size_t kConflictsToldMax = 256;

void tell_conflict(State& s, const std::string& name, const Endpoint& known, const Endpoint& other, Output& out) {
  if (s.conflicts_told.size() >= kConflictsToldMax) s.conflicts_told.clear();
  const auto [it, first] = s.conflicts_told.try_emplace(name, s.now);
  if (!first && s.now - it->second < kTellConflictAgain) return;
  it->second = s.now;
  out.conflicts.push_back({name, known, other});
}

// Raises our incarnation above what was said of us, and says that we are alive.
void object(State& s, Incarnation said) {
  const auto& self = s.edit(s.config.name, [&](Member& m) { m.incarnation = std::max(m.incarnation, said).next(); });
  spread(s, self.name, alive_of(self));
  s.next_gossip = s.now;  // it races with the suspects' clocks of everybody
}

// May what was said count against this member? Says no of an older incarnation and another server.
template <class Accusation>
bool counts_against(const Member& m, const Accusation& said) {
  return m.identity == said.identity && said.incarnation >= m.incarnation;
}

template <class Accusation>
bool is_about_us(State& s, const Accusation& said) {
  if (!s.is_self(said.name)) return false;
  const auto& self = s.self();
  if (s.leaving.stage == Farewell::none && counts_against(self, said)) {
    LOG(s.logger, debug, "objecting", {"accuser", said.accuser}, {"incarnation", said.incarnation});
    // To be accused wrongly may be our own fault (Lifeguard).
    s.awareness.worse();
    object(s, said.incarnation);
  }
  return true;
}

// Who accuses us of what we objected to long ago has not heard of it; nobody may be passing it on any more.
template <class Accusation>
void remind(State& s, const Endpoint& from, const Accusation& said, Output& out) {
  const auto& self = s.self();
  const bool old = s.is_self(said.name) && said.identity == self.identity && said.incarnation < self.incarnation;
  if (old && s.leaving.stage == Farewell::none) send(s, from, {alive_of(self)}, out);
}

bool had_a_chance(const State& s, const std::string& name) {
  const auto suspicion = s.suspicions.find(name);
  return suspicion != s.suspicions.end() && suspicion->second.ripe(s.now);
}

void hear_of_ourselves(State& s, const Alive& said, Output& out) {
  const auto& self = s.self();
  if (said.identity != self.identity) return tell_conflict(s, said.name, self.endpoint, said.endpoint, out);
  if (s.leaving.stage != Farewell::none || said.incarnation < self.incarnation) return;
  // We were here before, and what is remembered of that may be out of date.
  const bool same = said.incarnation == self.incarnation && said.endpoint == self.endpoint && said.tags == self.tags;
  if (!same) object(s, said.incarnation);
}

void meet(State& s, const Alive& said) {
  if (s.members.size() >= limits::kGossipMembersMax) {
    LOG(s.logger, error, "too many members: one is not taken in", {"member", said.name}, {"limit", limits::kGossipMembersMax});
    return;
  }
  if (s.members.living() == 1) compare_soon(s);
  s.events.before(said.name, nullptr, s.now);
  Member member;
  member.name = said.name;
  member.identity = said.identity;
  member.endpoint = said.endpoint;
  member.tags = said.tags;
  member.incarnation = said.incarnation;
  member.changed_at = s.now;
  s.members.add(std::move(member));
  apply_early_intent(s, said.name);
  probe_soon(s, said.name);
}

void revive(State& s, const Alive& said) {
  if (s.members.living() == 1) compare_soon(s);
  end_suspicion(s, said.name);
  bool came_back = false;
  s.edit(said.name, [&](Member& m) {
    came_back = !m.lives();
    if (came_back) m.leaving = false;
    // What was intended with the server that had the name before says nothing of this one.
    if (m.identity != said.identity) m.status_time = {};
    if (m.condition != Condition::alive) m.changed_at = s.now;
    m.condition = Condition::alive;
    m.identity = said.identity;
    m.incarnation = said.incarnation;
    m.endpoint = said.endpoint;
    m.tags = said.tags;
  });
  if (came_back) probe_soon(s, said.name);
}

}  // namespace

void hear(State& s, const Alive& said, Spread on, Output& out) {
  if (s.is_self(said.name)) return hear_of_ourselves(s, said, out);
  const auto* known = s.members.find(said.name);
  if (known == nullptr) {
    meet(s, said);
    if (s.members.find(said.name) == nullptr) return;
  } else {
    const bool same = known->identity == said.identity;
    if (!same && known->lives()) return tell_conflict(s, said.name, known->endpoint, said.endpoint, out);
    if (same && said.incarnation <= known->incarnation) return;
    const bool objects = known->condition == Condition::suspect;
    revive(s, said);
    if (objects && on == Spread::yes) s.next_gossip = s.now;
  }
  if (on == Spread::yes) spread(s, said.name, said);
}

void hear(State& s, const Suspect& said, Spread on, Output&) {
  if (is_about_us(s, said)) return;
  const auto* known = s.members.find(said.name);
  if (known == nullptr || !known->lives() || !counts_against(*known, said)) return;
  const auto suspicion = s.suspicions.find(said.name);
  if (suspicion != s.suspicions.end()) {
    if (said.incarnation > known->incarnation) s.edit(said.name, [&](Member& m) { m.incarnation = said.incarnation; });
    if (!suspicion->second.confirm(said.accuser)) return;
    s.suspicion_deadlines.set(said.name, suspicion->second.deadline());
  } else {
    s.edit(said.name, [&](Member& m) {
      m.condition = Condition::suspect;
      m.incarnation = said.incarnation;
      m.changed_at = s.now;
    });
    Suspicion fresh(s.config.timing, s.members.living(), s.now, said.accuser);
    s.suspicion_deadlines.set(said.name, fresh.deadline());
    s.suspicions.emplace(said.name, std::move(fresh));
    LOG(s.logger, debug, "suspecting", {"member", said.name}, {"accuser", said.accuser});
  }
  if (on == Spread::yes) spread(s, said.name, said);
}

void hear(State& s, const Dead& said, Spread on, Output& out) {
  if (is_about_us(s, said)) return;
  const auto* known = s.members.find(said.name);
  if (known == nullptr || !counts_against(*known, said)) return;
  const bool left = said.accuser == said.name || known->leaving;
  if (known->condition == Condition::left || (known->condition == Condition::failed && !left)) return;
  if (!left && !had_a_chance(s, said.name)) return hear(s, Suspect{said.name, said.identity, said.incarnation, said.accuser}, on, out);
  end_suspicion(s, said.name);
  s.edit(said.name, [&](Member& m) {
    m.condition = left ? Condition::left : Condition::failed;
    m.incarnation = said.incarnation;
    m.leaving = false;
    m.changed_at = s.now;
  });
  if (on == Spread::yes) spread(s, said.name, said);
}

void accuse(State& s, const std::string& name, const std::string& accuser, Output& out) {
  const auto& member = *s.members.find(name);
  hear(s, Suspect{name, member.identity, member.incarnation, accuser}, Spread::yes, out);
}

void end_suspicion(State& s, const std::string& name) {
  s.suspicions.erase(name);
  s.suspicion_deadlines.erase(name);
}

void expire_suspicions(State& s, Output& out) {
  for (const auto& name : s.suspicion_deadlines.take_due(s.now)) {
    const auto& member = *s.members.find(name);
    const auto confirmations = s.suspicions.at(name).confirmations();
    LOG(s.logger, info, "member did not object in time", {"member", name}, {"confirmations", confirmations});
    hear(s, Dead{name, member.identity, member.incarnation, s.config.name}, Spread::yes, out);
  }
}

void on_message(State& s, const Endpoint&, const Alive& m, Output& out) { hear(s, m, Spread::yes, out); }
void on_message(State& s, const Endpoint& from, const Suspect& m, Output& out) {
  remind(s, from, m, out);
  hear(s, m, Spread::yes, out);
}
void on_message(State& s, const Endpoint& from, const Dead& m, Output& out) {
  remind(s, from, m, out);
  hear(s, m, Spread::yes, out);
}

}  // namespace core::gossip
