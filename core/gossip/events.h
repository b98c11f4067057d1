// SPDX-License-Identifier: MPL-2.0
// What is told of members: gathered for an event window, so that a hundred that fail with their switch
// are one batch, and one that came back within it is not told at all.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/gossip/io.h"

namespace core::gossip {

class EventWindow {
 public:
  explicit EventWindow(Duration window) : window_(window) {}

  // To be called before a member changes, or is erased; null: there is none yet.
  void before(const std::string& name, const Member* member, Instant now);
  std::optional<Instant> next_deadline() const { return closes_; }
  // What became of the members since, if the window has closed; in order of name.
  std::vector<MemberEvent> take(const MemberTable& table, Instant now);

 private:
  Duration window_;
  std::optional<Instant> closes_;
  std::map<std::string, std::optional<Member>> was_;  // when the window opened
};

}  // namespace core::gossip
