// SPDX-License-Identifier: MPL-2.0
// Numbers that must not mix are types: a Term is not an Index, and neither is a count.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace core {

template <class Tag>
struct Ordinal {  // a position: compares and steps, never mixes
  std::uint64_t value = 0;

  friend auto operator<=>(const Ordinal&, const Ordinal&) = default;
  constexpr Ordinal next() const { return {value + 1}; }
  // REQUIRES: value > 0.
  constexpr Ordinal prev() const { return {value - 1}; }
};

template <class Tag>
std::string to_string(Ordinal<Tag> o) { return std::to_string(o.value); }

using Term = Ordinal<struct TermTag>;    // Raft term; 0 before the first election
using Index = Ordinal<struct IndexTag>;  // position in the Raft log; the first entry is 1

}  // namespace core
