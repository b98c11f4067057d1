// SPDX-License-Identifier: MPL-2.0
#include "core/gossip/events.h"

#include "core/base/assert.h"

namespace core::gossip {
namespace {

Change change_to(Standing standing) {
  switch (standing) {
    case Standing::alive:
      return Change::joined;
    case Standing::leaving:
      return Change::leaving;
    case Standing::left:
      return Change::left;
    case Standing::failed:
      return Change::failed;
  }
  UNREACHABLE();
}

std::optional<MemberEvent> event_of(const std::optional<Member>& was, const Member* is) {
  if (is == nullptr) return was ? std::optional(MemberEvent{Change::reaped, *was}) : std::nullopt;
  const bool same = was && was->identity == is->identity;
  if (!same || was->standing() != is->standing()) return MemberEvent{change_to(is->standing()), *is};
  if (was->endpoint != is->endpoint || was->tags != is->tags) return MemberEvent{Change::updated, *is};
  return std::nullopt;
}

}  // namespace

std::string_view to_string(Change change) {
  switch (change) {
    case Change::joined:
      return "joined";
    case Change::updated:
      return "updated";
    case Change::leaving:
      return "leaving";
    case Change::left:
      return "left";
    case Change::failed:
      return "failed";
    case Change::reaped:
      return "reaped";
  }
  UNREACHABLE();
}

void EventWindow::before(const std::string& name, const Member* member, Instant now) {
  const auto [it, first] = was_.try_emplace(name);
  if (first && member != nullptr) it->second = *member;
  if (!closes_) closes_ = now + window_;
}

std::vector<MemberEvent> EventWindow::take(const MemberTable& table, Instant now) {
  std::vector<MemberEvent> out;
  if (!closes_ || now < *closes_) return out;
  closes_.reset();
  for (const auto& [name, was] : was_)
    if (auto event = event_of(was, table.find(name))) out.push_back(std::move(*event));
  was_.clear();
  return out;
}

}  // namespace core::gossip
