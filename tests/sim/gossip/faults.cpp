// SPDX-License-Identifier: MPL-2.0
#include "tests/sim/gossip/faults.h"

namespace sim::gossip {
namespace {

using namespace std::chrono_literals;

constexpr core::Duration kDownMost = 12s, kApartMost = 12s, kPauseMost = 10s, kSlowMost = 2s, kSlowFor = 10s;
// Within it a step of a change of keys reaches all.
constexpr core::Duration kKeyStep = 500ms;

}  // namespace

Faults::Faults(test::World& world, Hosts& hosts) : world_(world), hosts_(hosts), rng_(world.rng().fork()) {
  const auto& wanted = hosts.options().faults;
  const auto add = [&](bool on, Kind kind) {
    if (on) kinds_.push_back(kind);
  };
  add(wanted.crashes, &Faults::crash);
  add(wanted.crashes, &Faults::crash);
  add(wanted.partitions, &Faults::part);
  add(wanted.pauses, &Faults::pause);
  add(wanted.slowness, &Faults::slow_down);
  add(wanted.leaves, &Faults::leave);
  add(wanted.leaves, &Faults::tell_off);
  add(wanted.rotations, &Faults::rotate);
}

void Faults::start(const std::vector<Strike>& strikes) {
  for (const auto& one : strikes)
    world_.after(one.at.time_since_epoch(), [this, seed = one.seed] {
      if (on_) strike(core::Rng(seed));
    });
}

void Faults::strike(core::Rng rng) {
  if (kinds_.empty()) return;
  ++count_;
  (this->*kinds_[rng.below(kinds_.size())])(rng);
}

Faults::Member Faults::victim(core::Rng& rng) const {
  const auto first = hosts_.options().bystanders;
  return first + rng.below(hosts_.size() - first);
}

void Faults::come_back_soon(Member member, core::Rng& rng) {
  const auto pause = rng.jitter(kDownMost);
  const bool elsewhere = rng.chance(300), as_another = rng.chance(150);
  world_.after(pause, [this, member, elsewhere, as_another] {
    if (on_) hosts_.come_back(member, elsewhere, as_another);
  });
}

void Faults::crash(core::Rng& rng) {
  const auto member = victim(rng);
  if (hosts_.host(member).fate > Hosts::Fate::leaving) return hosts_.come_back(member, rng.chance(300), rng.chance(150));
  hosts_.crash(member, rng.chance(500));
  if (rng.chance(700)) come_back_soon(member, rng);
}

void Faults::part(core::Rng& rng) {
  std::vector<Member> all, these, those;
  const auto first = hosts_.options().bystanders;
  const auto share = static_cast<std::uint32_t>(rng.below(1000));
  for (Member member = 0; member < hosts_.size(); ++member) {
    all.push_back(member);
    (member >= first && rng.chance(share) ? these : those).push_back(member);
  }
  auto& links = hosts_.gossip().links();
  const bool one_way = rng.chance(300);
  if (first == 0 && rng.chance(500)) links.fall_apart(all, rng);
  else if (rng.chance(500)) links.part(these, those, one_way);
  else links.part(those, these, one_way);
  world_.say("the network falls apart: " + std::to_string(these.size()) + " from " + std::to_string(those.size()) + (one_way ? ", one way" : ""));
  world_.after(rng.jitter(kApartMost), [this, &links] {
    links.heal();
    world_.say("the network is whole");
  });
}

void Faults::pause(core::Rng& rng) {
  const auto member = victim(rng);
  hosts_.gossip().pause(member);
  world_.say(hosts_.gossip().name(member) + " stands still");
  world_.after(rng.jitter(kPauseMost), [this, member] {
    world_.say(hosts_.gossip().name(member) + " goes on");
    hosts_.gossip().resume(member);
  });
}

void Faults::slow_down(core::Rng& rng) {
  const auto member = victim(rng);
  hosts_.gossip().slow_down(member, rng.jitter(kSlowMost));
  world_.after(rng.jitter(kSlowFor), [this, member] { hosts_.gossip().slow_down(member, {}); });
}

void Faults::leave(core::Rng& rng) {
  const auto member = victim(rng);
  hosts_.leave(member);
  if (rng.chance(500)) come_back_soon(member, rng);
}

void Faults::tell_off(core::Rng& rng) {
  const auto by = hosts_.any(rng);
  const auto whom = victim(rng);
  if (by != whom && hosts_.runs(by)) hosts_.force_leave(by, whom, rng.chance(200));
}

void Faults::each_soon(core::Rng& rng, void (SealedWire::*step)(Member)) {
  for (Member member = 0; member < hosts_.size(); ++member) {
    const auto delay = rng.jitter(kKeyStep);
    world_.after(delay, [this, member, step, life = hosts_.host(member).life] {
      if (hosts_.host(member).life == life && hosts_.gossip().running(member)) (hosts_.wire().*step)(member);
    });
  }
}

// To its end, once begun: keys that some have and some have not part members for ever.
void Faults::rotate(core::Rng& rng) {
  if (rotating_) return;
  rotating_ = true;
  world_.say("keys change");
  auto& wire = hosts_.wire();
  wire.begin_rotation(rng);
  each_soon(rng, &SealedWire::install);
  world_.after(kKeyStep, [this, rng = rng.fork()]() mutable {
    hosts_.wire().begin_use();
    each_soon(rng, &SealedWire::use);
  });
  // What was sealed before arrives first, as operators are told to wait for.
  world_.after(3 * kKeyStep, [this, rng = rng.fork()]() mutable { each_soon(rng, &SealedWire::remove); });
  world_.after(4 * kKeyStep, [this] {
    for (Member member = 0; member < hosts_.size(); ++member)
      if (hosts_.gossip().running(member)) hosts_.wire().remove(member);
    hosts_.wire().end_rotation();
    rotating_ = false;
  });
}

void Faults::heal() {
  on_ = false;
  world_.say("all heals");
  auto& gossip = hosts_.gossip();
  gossip.links().heal();
  auto network = hosts_.options().network;
  network.loss_per_mille = network.duplicate_per_mille = network.broken_streams_per_mille = 0;
  gossip.set_network(network);
  for (Member member = 0; member < hosts_.size(); ++member) {
    gossip.slow_down(member, {});
    gossip.resume(member);
    if (hosts_.host(member).fate == Hosts::Fate::down && rng_.chance(600)) hosts_.come_back(member, false, false);
  }
}

}  // namespace sim::gossip
