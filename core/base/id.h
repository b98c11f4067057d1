// SPDX-License-Identifier: MPL-2.0
// Identifiers: text that is compared and hashed, never taken apart. A job's id is its user's word;
// node ids may be set by the operator; all others are UUIDs drawn before an event is proposed.
#pragma once

#include <compare>
#include <functional>
#include <string>
#include <string_view>

namespace core {

class Rng;

template <class Tag>
struct Id {
  std::string text;

  bool empty() const { return text.empty(); }
  friend auto operator<=>(const Id&, const Id&) = default;
};

using NodeId = Id<struct NodeTag>;
using JobId = Id<struct JobTag>;
using AllocId = Id<struct AllocTag>;
using EvalId = Id<struct EvalTag>;
using ServerId = Id<struct ServerTag>;  // UUID in the data directory; survives a change of address

// A version 4 UUID in lower-case 8-4-4-4-12 form (RFC 4122 §4.4), drawn from `rng`.
std::string make_uuid(Rng& rng);
// 36 characters, lower-case hex, hyphens at 8, 13, 18, 23.
bool is_uuid(std::string_view text);

}  // namespace core

template <class Tag>
struct std::hash<core::Id<Tag>> {
  std::size_t operator()(const core::Id<Tag>& id) const noexcept { return std::hash<std::string>{}(id.text); }
};
