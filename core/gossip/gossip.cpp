// SPDX-License-Identifier: MPL-2.0
#include "core/gossip/gossip.h"

#include <algorithm>
#include <utility>

#include "core/base/assert.h"
#include "core/base/limits.h"
#include "core/gossip/invariants.h"
#include "core/gossip/state.h"

namespace core::gossip {
namespace {

void on_input(State& s, const Received& in, Output& out) {
  for (const auto& message : in.messages)
    std::visit([&](const auto& m) { on_message(s, in.from, m, out); }, message);
}

void on_input(State&, const Woke&, Output&) {}  // every step looks at the deadlines

void run_deadlines(State& s, Output& out) {
  if (s.leaving.stage == Farewell::over) return;
  if (s.leaving.stage != Farewell::none && s.now >= s.leaving.next) drive_leave(s, out);
  if (s.leaving.stage == Farewell::over) return;
  expire_suspicions(s, out);
  run_probe_deadlines(s, out);
  if (s.now >= s.probing.next) start_probe(s, out);
  if (s.now >= s.syncing.next) compare_at_random(s, out);
  if (s.now >= s.next_reap) reap(s);
  if (s.now >= s.next_reconnect) reconnect(s, out);
  if (s.next_gossip && s.now >= *s.next_gossip) gossip_now(s, out);
  out.events = s.events.take(s.members, s.now);
}

}  // namespace

State::State(Config c, Rng r, Logger l, Instant start)
    : config(std::move(c)), rng(r), logger(std::move(l)), now(start), events(config.timing.event_window) {
  Member self;
  self.name = config.name;
  self.identity = config.identity;
  self.endpoint = config.endpoint;
  self.tags = config.tags;
  self.incarnation = Incarnation{1};
  self.changed_at = now;
  ASSERT(check(alive_of(self)).ok());
  clock.witness(config.clock);
  self.status_time = clock.tick();
  events.before(self.name, nullptr, now);
  members.add(std::move(self));
  // Members that start together are not to act together.
  probing.next = now + rng.jitter(config.timing.probe_interval);
  probing.next_number = rng.next();
  syncing.interval = config.timing.sync_interval_min;
  syncing.next = now + rng.jitter(config.timing.sync_interval_min);
  next_reap = now + config.timing.reap_interval;
  next_reconnect = now + rng.jitter(config.timing.reconnect_interval);
  last_gossip = now - config.timing.gossip_interval;
}

Alive alive_of(const Member& m) { return {m.name, m.identity, m.incarnation, m.endpoint, m.tags}; }

void send(State& s, const Endpoint& to, std::initializer_list<Message> messages, Output& out) {
  Bytes bytes(packet_start());
  for (const auto& message : messages) bytes.append(encode(message));
  s.broadcasts.take(limits::kGossipPacketBytesMax - bytes.size(), retransmits(s.config.timing, s.members.living()), bytes);
  out.send.push_back({to, std::move(bytes)});
}

void spread(State& s, const std::string& subject, const Message& news) {
  s.broadcasts.put(subject, encode(news));
  // The first piece after a silence leaves at once.
  if (!s.next_gossip) s.next_gossip = std::max(s.now, s.last_gossip + s.config.timing.gossip_interval);
}

void gossip_now(State& s, Output& out) {
  const auto& timing = s.config.timing;
  s.last_gossip = s.now;
  const auto listens = [&](const Member& m) {
    if (s.is_self(m.name)) return false;
    return m.lives() || (m.condition == Condition::failed && s.now - m.changed_at < timing.gossip_to_failed);
  };
  for (const auto* member : s.members.pick(s.rng, timing.fanout, listens)) {
    if (s.broadcasts.empty()) break;
    send(s, member->endpoint, {}, out);
  }
  // Alone there is nobody to be told, and who joins is told everything.
  if (s.members.living() == 1) s.next_gossip.reset();
  else if (s.broadcasts.empty()) s.next_gossip.reset();
  else s.next_gossip = s.now + timing.gossip_interval;
}

Gossip::Gossip(Config config, Rng rng, Logger logger, Instant now)
    : state_(std::make_unique<State>(std::move(config), rng, std::move(logger), now)) {}
Gossip::Gossip(Gossip&&) noexcept = default;
Gossip& Gossip::operator=(Gossip&&) noexcept = default;
Gossip::~Gossip() = default;

Output Gossip::step(Input input, Instant now) {
  auto& s = *state_;
  ASSERT(now >= s.now);
  s.now = now;
  Output out;
  if (s.leaving.stage == Farewell::over) return out;
  const auto before = summarize(s);
  std::visit([&](const auto& in) { on_input(s, in, out); }, input);
  run_deadlines(s, out);
  check(s, before);
  return out;
}

std::optional<Instant> Gossip::next_deadline() const {
  const auto& s = *state_;
  if (s.leaving.stage == Farewell::over) return std::nullopt;
  std::optional<Instant> at = std::min({s.probing.next, s.syncing.next, s.next_reap, s.next_reconnect});
  if (s.leaving.stage != Farewell::none) at = earlier(at, s.leaving.next);
  at = earlier(at, s.suspicion_deadlines.next());
  at = earlier(at, s.probing.probe_deadlines.next());
  at = earlier(at, s.probing.relay_deadlines.next());
  at = earlier(at, s.next_gossip);
  return earlier(at, s.events.next_deadline());
}

const MemberTable& Gossip::members() const { return state_->members; }
const Member& Gossip::self() const { return state_->self(); }

Counts Gossip::counts() const {
  const auto& s = *state_;
  Counts out{.members = s.members.size(), .failed = 0, .left = 0, .broadcasts_queued = s.broadcasts.size(),
             .health_score = s.awareness.score(), .clock = s.clock.time()};
  s.members.for_each([&](const Member& m) {
    if (m.condition == Condition::failed) ++out.failed;
    if (m.condition == Condition::left) ++out.left;
  });
  return out;
}

}  // namespace core::gossip
