// SPDX-License-Identifier: MPL-2.0
#include "tests/sim/gossip/hosts.h"

#include <algorithm>
#include <utility>

#include "agent/server/server_tags.h"
#include "core/gossip/rejoin.h"

namespace sim::gossip {
namespace {

using namespace std::chrono_literals;
using test::GossipWorld;

// As in agent/server/gossip_host and joins.
constexpr core::Duration kRememberAfter = 500ms, kLookFirst = 1s, kLookLongest = 30s;
constexpr core::Duration kStartMost = 3s;
// So many of the first members are named in everybody's configuration, and are tried until all were reached at once.
constexpr core::Duration kRetryJoin = 5s;
constexpr std::size_t kNamed = 3;
constexpr std::size_t kOpenedRemembered = 512;

}  // namespace

Hosts::Hosts(test::World& world, const Options& options)
    : world_(world), options_(options), rng_(world.rng().fork()), wire_(world), gossip_(world, wire_, options.network, options.timing()), hosts_(options.members) {
  gossip_.watch(*this);
  if (options_.forgery > core::Duration(0)) wire_.remember_opened(kOpenedRemembered);
  for (Member member = 0; member < options_.members; ++member) {
    const auto region = member % options_.regions;
    const auto drift = rng_.between(-options_.drift_per_mille, options_.drift_per_mille);
    agent::server::ServerTags tags{.region = std::to_string(region), .datacenter = "dc1", .build = "1", .id = server_id(member), .rpc_host = {}, .rpc_port = 4647};
    gossip_.add({.name = {}, .tags = agent::server::to_tags(tags), .region = region, .drift_per_mille = drift});
  }
}

core::ServerId Hosts::server_id(Member member) { return core::ServerId{"server-" + std::to_string(member)}; }

void Hosts::start() {
  for (Member member = 0; member < size(); ++member)
    world_.after(rng_.jitter(kStartMost), [this, member] { start(member, {.clock = {}}, true); });
}

template <class Event>
void Hosts::later(Member member, core::Duration delay, Event&& event) {
  world_.after(delay, [this, member, life = hosts_[member].life, event = std::forward<Event>(event)] {
    if (hosts_[member].life == life && hosts_[member].fate <= Fate::leaving) event();
  });
}

void Hosts::start(Member member, const GossipWorld::Return& how, bool first) {
  auto& host = hosts_[member];
  host.fate = Fate::running;
  ++host.life;
  host.writes_soon = false;
  host.pause = kLookFirst;
  gossip_.restart(member, how);
  world_.say(gossip_.name(member) + (first ? " starts" : " comes back") + (how.elsewhere ? " elsewhere" : "") + (how.as_another ? " as another" : ""));
  write_file(member);
  look_for_others(member);
  look_for_named(member);
}

void Hosts::look_for_others(Member member) {
  auto& host = hosts_[member];
  const auto& self = gossip_.gossip(member);
  if (self.members().size() > 1) return;
  std::vector<core::gossip::Endpoint> at;
  if (const auto known = core::gossip::decode_remembered(host.file); known.ok())
    for (const auto& other : known->others) at.push_back(other.endpoint);
  later(member, host.pause, [this, member] { look_for_others(member); });
  host.pause = std::min(host.pause * 2, kLookLongest);
  if (!at.empty()) gossip_.feed(member, core::gossip::JoinAsked{++tickets_, std::move(at)});
}

void Hosts::look_for_named(Member member) {
  std::vector<core::gossip::Endpoint> at;
  for (Member other = 0; other < std::min(kNamed, size()); ++other)
    if (other != member) at.push_back(gossip_.endpoint(other));
  hosts_[member].asked = ++tickets_;
  gossip_.feed(member, core::gossip::JoinAsked{tickets_, std::move(at)});
}

void Hosts::write_file(Member member) {
  const auto& self = gossip_.gossip(member);
  auto& host = hosts_[member];
  auto known = core::gossip::remember(self.members(), self.self().name, host.life, self.counts().clock);
  // What is not of this life yet is not forgotten by it.
  if (known.others.empty())
    if (auto before = core::gossip::decode_remembered(host.file); before.ok()) known.others = std::move(before->others);
  host.file = encode(known);
}

void Hosts::after_step(Member member, const core::gossip::Output& out) {
  auto& host = hosts_[member];
  if (!out.events.empty() && !host.writes_soon) {
    host.writes_soon = true;
    later(member, kRememberAfter, [this, member] {
      hosts_[member].writes_soon = false;
      write_file(member);
    });
  }
  for (const auto& joined : out.joined)
    if (joined.ticket == host.asked && joined.first_error) later(member, kRetryJoin, [this, member] { look_for_named(member); });
  if (!out.left) return;
  host.fate = Fate::left;
  world_.say(gossip_.name(member) + " has left");
  world_.after(core::Duration(0), [this, member, life = host.life] {
    if (hosts_[member].life == life) gossip_.crash(member, false);
  });
}

void Hosts::crash(Member member, bool with_host) {
  world_.say(gossip_.name(member) + (with_host ? "'s host ends" : "'s process ends"));
  hosts_[member].fate = Fate::down;
  gossip_.crash(member, with_host);
}

void Hosts::come_back(Member member, bool elsewhere, bool as_another) {
  auto& host = hosts_[member];
  if (host.fate <= Fate::leaving) return;
  if (as_another) host.file.clear();
  const auto known = core::gossip::decode_remembered(host.file);
  start(member, {.elsewhere = elsewhere, .clock = known.ok() ? known->clock : core::gossip::LamportTime{}, .as_another = as_another}, false);
}

void Hosts::leave(Member member) {
  auto& host = hosts_[member];
  if (host.fate != Fate::running || gossip_.paused(member)) return;
  world_.say(gossip_.name(member) + " leaves");
  host.fate = Fate::leaving;
  host.asked_to_go = true;
  gossip_.leave(member);
}

void Hosts::force_leave(Member by, Member whom, bool prune) {
  world_.say(gossip_.name(by) + " is told that " + gossip_.name(whom) + (prune ? " is to be forgotten" : " left"));
  hosts_[whom].asked_to_go = true;
  hosts_[whom].to_forget |= prune;
  gossip_.force_leave(by, whom, prune);
}

Hosts::Member Hosts::any(core::Rng& rng) const {
  std::vector<Member> running;
  for (Member member = 0; member < size(); ++member)
    if (runs(member)) running.push_back(member);
  return running.empty() ? 0 : running[rng.below(running.size())];
}

}  // namespace sim::gossip
