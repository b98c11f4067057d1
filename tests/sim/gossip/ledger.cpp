// SPDX-License-Identifier: MPL-2.0
#include "tests/sim/gossip/ledger.h"

#include <type_traits>

namespace sim::gossip {
namespace {

using core::gossip::Change;
using core::gossip::MemberEvent;
using core::gossip::Standing;

// Whom a message is about; null for those that are about nobody's state.
const std::string* subject_of(const core::gossip::Message& message) {
  return std::visit(
      [](const auto& m) -> const std::string* {
        if constexpr (requires { m.name; }) return &m.name;
        else return nullptr;
      },
      message);
}

}  // namespace

Ledger::Ledger(test::World& world, Hosts& hosts) : world_(world), hosts_(hosts), books_(hosts.size()) {
  for (Member member = 0; member < hosts.size(); ++member) names_.emplace(hosts.gossip().name(member), member);
  hosts.gossip().watch(*this);
}

Ledger::Book& Ledger::book(Member member) {
  auto& out = books_[member];
  const auto life = hosts_.host(member).life;
  if (out.life != life) out = Book{.life = life, .clock = {}, .seen = {}, .told = {}, .subjects = {}};
  return out;
}

void Ledger::before_step(Member member, const core::gossip::Input& input) {
  ++steps_;
  auto& at = book(member);
  at.subjects.clear();
  const auto* packet = std::get_if<core::gossip::Received>(&input);
  if (packet == nullptr) return;
  for (const auto& message : packet->messages)
    if (const auto* name = subject_of(message)) at.subjects.push_back(*name);
  for (const auto& name : at.subjects) look_at(member, at, name);
}

void Ledger::after_step(Member member, const core::gossip::Output& out) {
  auto& at = book(member);
  for (const auto& name : at.subjects) look_at(member, at, name);
  for (const auto& event : out.events) {
    ++events_;
    check_event(member, event);
    if (event.change == Change::reaped) at.told.erase(event.member.name);
    else at.told.insert_or_assign(event.member.name, Told{event.member.identity, event.member.standing()});
  }
}

void Ledger::look_at(Member member) {
  auto& at = book(member);
  const auto& gossip = hosts_.gossip().gossip(member);
  const auto clock = gossip.counts().clock;
  if (clock < at.clock) world_.fail("the Lamport clock of " + gossip.self().name + " fell");
  at.clock = clock;
  gossip.members().for_each([&](const core::gossip::Member& m) { look_at(member, at, m); });
}

void Ledger::look_at(Member member, Book& at, const std::string& name) {
  const auto* now = hosts_.gossip().gossip(member).members().find(name);
  if (now != nullptr) look_at(member, at, *now);
  else at.seen.erase(name);
}

void Ledger::look_at(Member member, Book& at, const core::gossip::Member& now) {
  const auto& name = now.name;
  const Seen seen{now.identity, now.incarnation, now.status_time};
  const auto [it, first] = at.seen.try_emplace(name, seen);
  const auto before = std::exchange(it->second, seen);
  if (first || before.identity != seen.identity) return;
  if (seen.incarnation < before.incarnation) world_.fail(view(member, name) + " an incarnation that fell");
  if (seen.status_time < before.status_time) world_.fail(view(member, name) + " an intent older than the one before");
}

std::string Ledger::view(Member by, const std::string& name) const { return name + " has, as " + hosts_.gossip().name(by) + " sees it,"; }

void Ledger::check_event(Member by, const MemberEvent& event) {
  const auto& name = event.member.name;
  const auto words = name + " counts as " + std::string(to_string(event.change)) + " at " + hosts_.gossip().name(by);
  world_.note(words);
  world_.say(words);
  const auto known = names_.find(name);
  if (known == names_.end()) return world_.fail(words + ", and there is no such member");
  const auto about = known->second;
  const bool gone = event.change == Change::failed || event.change == Change::left || event.change == Change::reaped;
  if ((gone || event.change == Change::leaving) && hosts_.is_bystander(by) && hosts_.is_bystander(about))
    return world_.fail(words + ", though nothing happened to either");
  if (event.change == Change::left && !hosts_.host(about).asked_to_go) return world_.fail(words + ", though nobody wanted it to");
  const auto before = books_[by].told.find(name);
  const bool was_left = before != books_[by].told.end() && before->second.standing == Standing::left && before->second.identity == event.member.identity;
  if (was_left && event.change != Change::reaped && event.change != Change::updated && hosts_.host(about).fate == Hosts::Fate::left)
    world_.fail(words + ", though it said goodbye and that was known there");
}

}  // namespace sim::gossip
