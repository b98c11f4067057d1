// SPDX-License-Identifier: MPL-2.0
// Majority arithmetic: what value has a majority of the voters reached?
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>

#include "core/base/assert.h"
#include "core/base/limits.h"

namespace core::raft {

constexpr std::size_t majority_of(std::size_t voters) { return voters / 2 + 1; }

// One value a voter, in any order; no allocation, because it runs at every acknowledgement.
template <class Value>
class Quorum {
 public:
  void add(Value value) {
    ASSERT(size_ < values_.size());
    values_[size_++] = value;
  }

  // The greatest value that a majority is at or above; Value{} without voters.
  Value reached() {
    if (size_ == 0) return Value{};
    const auto nth = values_.begin() + static_cast<std::ptrdiff_t>(majority_of(size_) - 1);
    std::nth_element(values_.begin(), nth, values_.begin() + static_cast<std::ptrdiff_t>(size_),
                     std::greater<>{});
    return *nth;
  }

 private:
  std::array<Value, limits::kRaftPeersMax> values_{};
  std::size_t size_ = 0;
};

}  // namespace core::raft
