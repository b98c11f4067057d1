// SPDX-License-Identifier: MPL-2.0
// What members may do and be told, checked at every step: numbers that must not fall, whom nobody may take for
// failed, who said goodbye and must not rise again, and events from which one knows what the table says.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/gossip/hosts.h"

namespace sim::gossip {

class Ledger : public test::GossipWatcher {
 public:
  using Member = Hosts::Member;
  Ledger(test::World& world, Hosts& hosts);

  void before_step(Member member, const core::gossip::Input& input) override;
  void after_step(Member member, const core::gossip::Output& out) override;
  // All numbers of a member's table, now and then.
  void look_at(Member member);

  struct Told {
    core::gossip::Identity identity;
    core::gossip::Standing standing{};
  };
  // What its events say of others, as whoever listens to them has it.
  const std::map<std::string, Told>& told_to(Member member) const { return books_[member].told; }
  std::uint64_t steps() const { return steps_; }
  std::uint64_t events() const { return events_; }

 private:
  struct Seen {
    core::gossip::Identity identity;
    core::gossip::Incarnation incarnation;
    core::gossip::LamportTime status_time;
  };
  struct Book {  // of one life
    std::uint64_t life = 0;
    core::gossip::LamportTime clock;
    std::map<std::string, Seen> seen;
    std::map<std::string, Told> told;
    std::vector<std::string> subjects;  // of the step under way
  };
  Book& book(Member member);
  void look_at(Member member, Book& book, const std::string& name);
  void look_at(Member member, Book& book, const core::gossip::Member& now);
  void check_event(Member by, const core::gossip::MemberEvent& event);
  std::string view(Member by, const std::string& name) const;

  test::World& world_;
  Hosts& hosts_;
  std::map<std::string, Member> names_;
  std::vector<Book> books_;
  std::uint64_t steps_ = 0, events_ = 0;
};

}  // namespace sim::gossip
