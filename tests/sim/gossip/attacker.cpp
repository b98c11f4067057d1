// SPDX-License-Identifier: MPL-2.0
#include "tests/sim/gossip/attacker.h"

#include <utility>

namespace sim::gossip {
namespace {

using namespace core::gossip;

constexpr std::size_t kHeardMost = 256;
// In a thousand, so many of the packets that pass are kept.
constexpr std::uint32_t kKept = 100;

core::Bytes random_bytes(core::Rng& rng, std::size_t count) {
  core::Bytes out(count, '\0');
  for (auto& c : out) c = static_cast<char>(rng.below(256));
  return out;
}

net::GossipGate gate(const net::secure::Key& key, const char* cluster, std::uint64_t sender) {
  return {net::secure::Keyring(key), {.cluster = cluster, .sender = sender, .session = std::uint64_t{1} << 40}, core::Logger()};
}

}  // namespace

Attacker::Attacker(test::World& world, Hosts& hosts) : world_(world), hosts_(hosts), rng_(world.rng().fork()) {}

void Attacker::start() {
  if (hosts_.options().forgery == core::Duration(0)) return;
  hosts_.wire().on_carried([this](Member from, Member to, bool stream, const core::Bytes& sealed) {
    if (!rng_.chance(kKept)) return;
    heard_.push_back({from, to, stream, sealed});
    if (heard_.size() > kHeardMost) heard_.pop_front();
  });
  world_.after(rng_.jitter(hosts_.options().forgery), [this] { attack(); });
}

void Attacker::attack() {
  world_.after(rng_.jitter(hosts_.options().forgery), [this] { attack(); });
  if (heard_.empty()) return;
  const auto heard = heard_[rng_.below(heard_.size())];
  if (rng_.chance(200)) {
    const bool again = hosts_.gossip().running(heard.to) && hosts_.wire().was_opened(heard.to, heard.sealed);
    if (again) return inject(heard.to, heard.stream, heard.sealed);
    if (calm_) return;
    // Astray, or the first of two: let in or not, it must do no harm.
    const auto victim = rng_.chance(500) ? heard.to : rng_.below(hosts_.size());
    if (heard.stream) hosts_.gossip().deliver_question(victim, source(), heard.sealed);
    else hosts_.gossip().deliver(victim, source(), heard.sealed);
    return;
  }
  inject(rng_.below(hosts_.size()), heard.stream, forge(heard));
}

core::Bytes Attacker::forge(const Heard& heard) {
  const auto victim = rng_.below(hosts_.size());
  const auto identity = hosts_.gossip().identity(heard.from).value;
  switch (rng_.below(7)) {
    case 0:
      return heard.sealed.substr(0, rng_.below(heard.sealed.size()));
    case 1: {
      auto flipped = heard.sealed;
      flipped[rng_.below(flipped.size())] ^= static_cast<char>(1 << rng_.below(8));
      return flipped;
    }
    case 2:
      return random_bytes(rng_, 1 + rng_.below(3000));
    case 3:
      return heard.sealed + random_bytes(rng_, 1 + rng_.below(2000));
    case 4:
      return gate(draw_key(rng_), kCluster, identity).seal(lie(victim, heard.stream));
    case 5:
      return gate(hosts_.wire().key(), "another", identity).seal(lie(victim, heard.stream));
    default: {
      const auto* retired = hosts_.wire().retired_key();
      return gate(retired != nullptr ? *retired : draw_key(rng_), kCluster, identity).seal(lie(victim, heard.stream));
    }
  }
}

// What would hurt most if it were believed.
core::Bytes Attacker::lie(Member victim, bool stream) {
  const auto& world = hosts_.gossip();
  const auto name = world.name(victim);
  const Alive ghost{"ghost", {rng_.next()}, {1}, source(), {}};
  const Dead death{name, world.identity(victim), {1'000'000}, "ghost"};
  const LeaveIntent intent{{1'000'000}, name, rng_.chance(500)};
  if (!stream) {
    core::Bytes out(packet_start());
    for (const Message& message : {Message(ghost), Message(death), Message(intent)}) out += encode(message);
    return out;
  }
  SyncRequest question{.time = {1'000'000}, .digest = {}, .records = {}};
  question.records.push_back({ghost, Condition::alive, false, {1}, 0});
  question.records.push_back({{name, death.identity, death.incarnation, world.endpoint(victim), {}}, Condition::left, false, intent.time, 0});
  return encode(Exchanged(question));
}

Endpoint Attacker::source() {
  if (rng_.chance(500)) return hosts_.gossip().endpoint(rng_.below(hosts_.size()));
  return {"192.0.2." + std::to_string(rng_.below(20)), static_cast<std::uint16_t>(1024 + rng_.below(60000))};
}

void Attacker::inject(Member victim, bool stream, const core::Bytes& sealed) {
  auto& world = hosts_.gossip();
  if (!world.running(victim) || world.paused(victim)) return;
  auto& wire = hosts_.wire();
  const auto refused = wire.refused(victim), opened = wire.opened(victim);
  const auto before = world.gossip(victim).members().digest();
  if (stream) world.deliver_question(victim, source(), sealed);
  else world.deliver(victim, source(), sealed);
  ++refused_;
  if (wire.opened(victim) != opened) world_.fail("a forged packet is let in at " + world.name(victim));
  else if (wire.refused(victim) != refused + 1) world_.fail("a forged packet is not counted at " + world.name(victim));
  else if (before != world.gossip(victim).members().digest()) world_.fail("a forged packet changed the table of " + world.name(victim));
}

}  // namespace sim::gossip
