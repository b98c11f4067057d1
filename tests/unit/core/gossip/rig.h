// SPDX-License-Identifier: MPL-2.0
// One member, "a", that is told what a test says, and what it said back.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "core/gossip/gossip.h"
#include "tests/support/printers.h"

namespace test::gossip {

using namespace core::gossip;
using namespace std::chrono_literals;

inline constexpr core::Instant kStart{std::chrono::seconds(1000)};

inline Endpoint place(const std::string& name) { return {"10.0.0." + std::to_string(name.front() - 'a' + 1), 4648}; }
inline Identity identity(const std::string& name) { return {static_cast<std::uint64_t>(name.front())}; }
inline Alive alive(const std::string& name, std::uint64_t incarnation = 1) {
  return {name, identity(name), {incarnation}, place(name), {}};
}
inline Suspect suspect(const std::string& name, const std::string& accuser, std::uint64_t incarnation = 1) {
  return {name, identity(name), {incarnation}, accuser};
}
inline Dead dead(const std::string& name, const std::string& accuser, std::uint64_t incarnation = 1) {
  return {name, identity(name), {incarnation}, accuser};
}

// A packet's messages of one kind, with where it went.
template <class M>
std::vector<std::pair<Endpoint, M>> sent(const Output& out) {
  std::vector<std::pair<Endpoint, M>> found;
  for (const auto& packet : out.send) {
    const auto messages = decode_packet(packet.bytes);
    REQUIRE(messages.ok());
    for (const auto& message : *messages)
      if (const auto* m = std::get_if<M>(&message)) found.emplace_back(packet.to, *m);
  }
  return found;
}

class Rig {
 public:
  explicit Rig(std::initializer_list<const char*> others = {}, std::uint64_t seed = 1)
      : gossip_({"a", identity("a"), place("a"), {}, lan(), {}}, core::Rng(seed), core::Logger(), kStart) {
    for (const auto* name : others) hear(alive(name));
    run_for(100ms);  // tells of them
  }

  // As if `from` had sent it.
  Output hear(Message message, const std::string& from = "b") { return feed(Received{place(from), {std::move(message)}}); }
  Output feed(Input input) {
    auto out = gossip_.step(std::move(input), now_);
    keep(out);
    return out;
  }
  // All that is due until then, one Output after the other into one.
  Output run_for(core::Duration span) {
    Output all;
    const auto until = now_ + span;
    while (gossip_.next_deadline() && *gossip_.next_deadline() <= until) {
      now_ = std::max(now_, *gossip_.next_deadline());
      auto out = gossip_.step(Woke{}, now_);
      keep(out);
      move_into(out.send, all.send);
      move_into(out.exchanges, all.exchanges);
      move_into(out.events, all.events);
      if (out.left) all.left = out.left;
    }
    now_ = until;
    return all;
  }
  // Answers every ping so far and those of this time but for the silent, a little later.
  Output run_answering(core::Duration span, const std::string& silent = "") {
    Output all;
    for (const auto until = now_ + span; now_ < until;) {
      auto out = run_for(10ms);
      for (const auto& [to, ping] : sent<Ping>(out))
        if (ping.target != silent) hear(Ack{ping.number}, ping.target);
      for (const auto& exchange : out.exchanges) feed(Answered{exchange.ticket, core::Error{core::Errc::timeout, "nobody there"}});
      for (const auto& [to, ask] : sent<PingRequest>(out)) hear(Nack{ask.number});
      move_into(out.send, all.send);
      move_into(out.exchanges, all.exchanges);
      move_into(out.events, all.events);
    }
    return all;
  }

  const Member& member(const std::string& name) const {
    const auto* found = gossip_.members().find(name);
    REQUIRE(found != nullptr);
    return *found;
  }
  bool knows(const std::string& name) const { return gossip_.members().find(name) != nullptr; }
  const Gossip& gossip() const { return gossip_; }
  core::Instant now() const { return now_; }
  const std::vector<MemberEvent>& events() const { return events_; }
  const std::vector<Conflict>& conflicts() const { return conflicts_; }
  std::size_t told(Change change, const std::string& name) const {
    std::size_t n = 0;
    for (const auto& event : events_) n += event.change == change && event.member.name == name ? 1 : 0;
    return n;
  }

 private:
  template <class T>
  static void move_into(std::vector<T>& from, std::vector<T>& to) {
    for (auto& item : from) to.push_back(std::move(item));
  }
  void keep(const Output& out) {
    events_.insert(events_.end(), out.events.begin(), out.events.end());
    conflicts_.insert(conflicts_.end(), out.conflicts.begin(), out.conflicts.end());
  }

  core::Instant now_ = kStart;
  Gossip gossip_;
  std::vector<MemberEvent> events_;
  std::vector<Conflict> conflicts_;
};

}  // namespace test::gossip
