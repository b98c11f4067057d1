// SPDX-License-Identifier: MPL-2.0
// The name of one write, drawn at random where it enters the cluster and kept when it is asked for again:
// a write happens at most once.
#pragma once

#include <compare>
#include <cstdint>

namespace core {

struct RequestId {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  bool set() const { return high != 0 || low != 0; }
  friend auto operator<=>(const RequestId&, const RequestId&) = default;
};

}  // namespace core
