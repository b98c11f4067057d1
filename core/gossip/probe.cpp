// SPDX-License-Identifier: MPL-2.0
// Failure detection (SWIM §3.1, §4.3; Lifeguard LHA-Probe).
//
// Happy path: ping, ack. Without an ack in time: some others are asked to ping, and a stream is opened,
// since networks lose datagrams and streams differently. Any of them that comes back in time is a
// success. Otherwise the target is suspect, and helpers that did not even say that they are well are a
// sign that the trouble may be ours.
#include <algorithm>

#include "core/base/limits.h"
#include "core/gossip/state.h"

namespace core::gossip {
namespace {

// A helper answers before the asker gives up.
Duration helper_patience(const Timing& t) { return t.ack_timeout * 3 / 4; }

void shuffle_order(State& s) {
  auto& p = s.probing;
  p.position = 0;
  p.order.clear();
  s.members.for_each([&](const Member& m) {
    if (m.lives() && !s.is_self(m.name)) p.order.push_back(m.name);
  });
  s.rng.shuffle(p.order);
}

const Member* next_target(State& s) {
  auto& p = s.probing;
  for (std::size_t looked = 0, all = p.order.size() + s.members.living(); looked < all; ++looked) {
    if (p.position >= p.order.size()) shuffle_order(s);
    if (p.order.empty()) return nullptr;
    const auto* member = s.members.find(p.order[p.position++]);
    if (member != nullptr && member->lives() && !p.targets.contains(member->name)) return member;
  }
  return nullptr;
}

void end_probe(State& s, std::map<std::uint64_t, Probe>::iterator it) {
  s.probing.probe_deadlines.erase(it->first);
  s.probing.targets.erase(it->second.target);
  s.probing.probes.erase(it);
}

void try_other_ways(State& s, std::uint64_t number, Probe& probe, Output& out) {
  probe.indirect = true;
  s.probing.probe_deadlines.set(number, probe.gives_up);
  const auto* target = s.members.find(probe.target);
  if (target == nullptr) return;
  const auto helps = [&](const Member& m) { return m.condition == Condition::alive && !s.is_self(m.name) && m.name != probe.target; };
  const auto helpers = s.members.pick(s.rng, s.config.timing.indirect_probes, helps);
  probe.helpers = helpers.size();
  for (const auto* helper : helpers) send(s, helper->endpoint, {PingRequest{number, target->name, target->identity, target->endpoint}}, out);
  const auto ticket = s.syncing.next_ticket++;
  s.syncing.exchanges.emplace(ticket, FallbackPing{number});
  out.exchanges.push_back({ticket, target->endpoint, Ping{number, target->name, target->identity}, probe.gives_up - s.now});
}

void fail_probe(State& s, std::map<std::uint64_t, Probe>::iterator it, Output& out) {
  const auto probe = it->second;
  end_probe(s, it);
  if (probe.helpers == 0) s.awareness.worse();
  else s.awareness.worse(static_cast<int>(probe.helpers - std::min(probe.nacks, probe.helpers)));
  const auto* target = s.members.find(probe.target);
  if (target == nullptr || !target->lives() || target->identity != probe.identity) return;
  LOG(s.logger, debug, "no answer", {"member", probe.target}, {"health_score", s.awareness.score()});
  // It hears of it first, over the shortest way.
  send(s, target->endpoint, {Suspect{target->name, target->identity, target->incarnation, s.config.name}}, out);
  accuse(s, probe.target, s.config.name, out);
}

}  // namespace

void start_probe(State& s, Output& out) {
  const auto& timing = s.config.timing;
  // Alone there is nothing to wake up for.
  s.probing.next = s.now + (s.members.living() == 1 ? timing.sync_interval_max : s.awareness.stretch(timing.probe_interval));
  const auto* target = s.leaving.stage == Farewell::none ? next_target(s) : nullptr;
  if (target == nullptr) return;
  const auto number = s.probing.next_number++;
  s.probing.probes.emplace(number, Probe{.target = target->name, .identity = target->identity, .indirect = false, .helpers = 0, .nacks = 0,
                                         .gives_up = s.now + s.awareness.stretch(timing.probe_timeout)});
  s.probing.targets.insert(target->name);
  s.probing.probe_deadlines.set(number, s.now + s.awareness.stretch(timing.ack_timeout));
  const Ping ping{number, target->name, target->identity};
  // Lifeguard, buddy system: a suspect is told with every ping, so that it can object soon.
  if (target->condition == Condition::suspect)
    send(s, target->endpoint, {ping, Suspect{target->name, target->identity, target->incarnation, s.config.name}}, out);
  else
    send(s, target->endpoint, {ping}, out);
}

// A new member takes a random place among those still to be probed in this round (SWIM §4.3).
void probe_soon(State& s, const std::string& name) {
  auto& p = s.probing;
  p.next = std::min(p.next, s.now + s.rng.jitter(s.config.timing.probe_interval));
  const auto left = p.order.size() - p.position;
  p.order.insert(p.order.begin() + static_cast<std::ptrdiff_t>(p.position + s.rng.below(left + 1)), name);
}

void run_probe_deadlines(State& s, Output& out) {
  for (const auto number : s.probing.probe_deadlines.take_due(s.now)) {
    const auto it = s.probing.probes.find(number);
    if (it == s.probing.probes.end()) continue;
    if (it->second.indirect) fail_probe(s, it, out);
    else try_other_ways(s, number, it->second, out);
  }
  for (const auto number : s.probing.relay_deadlines.take_due(s.now)) {
    const auto it = s.probing.relays.find(number);
    if (it == s.probing.relays.end()) continue;
    send(s, it->second.asker, {Nack{it->second.number}}, out);
    s.probing.relays.erase(it);
  }
}

// The address may be ours by now, and the name not; or both, and we are another server than the one that is meant: to
// answer would keep that one alive for ever, and us out.
bool is_for_us(const State& s, const Ping& ping) { return s.is_self(ping.target) && ping.identity == s.config.identity; }

void probe_succeeded(State& s, std::uint64_t number) {
  const auto it = s.probing.probes.find(number);
  if (it == s.probing.probes.end()) return;
  end_probe(s, it);
  s.awareness.better();
}

void on_message(State& s, const Endpoint& from, const Ping& m, Output& out) {
  if (is_for_us(s, m)) send(s, from, {Ack{m.number}}, out);
}

void on_message(State& s, const Endpoint& from, const PingRequest& m, Output& out) {
  if (s.probing.relays.size() >= limits::kGossipRelaysMax) return;
  const auto number = s.probing.next_number++;
  s.probing.relays.emplace(number, Relay{from, m.number});
  s.probing.relay_deadlines.set(number, s.now + helper_patience(s.config.timing));
  send(s, m.at, {Ping{number, m.target, m.identity}}, out);
}

void on_message(State& s, const Endpoint&, const Ack& m, Output& out) {
  probe_succeeded(s, m.number);
  const auto relay = s.probing.relays.find(m.number);
  if (relay == s.probing.relays.end()) return;
  send(s, relay->second.asker, {Ack{relay->second.number}}, out);
  s.probing.relay_deadlines.erase(m.number);
  s.probing.relays.erase(relay);
}

void on_message(State& s, const Endpoint&, const Nack& m, Output&) {
  const auto it = s.probing.probes.find(m.number);
  if (it != s.probing.probes.end()) ++it->second.nacks;
}

}  // namespace core::gossip
