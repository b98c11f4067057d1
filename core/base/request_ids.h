// SPDX-License-Identifier: MPL-2.0
// Names for the writes that enter the cluster at one place. Each counts on from a beginning that was drawn at
// random, so that no two places give the same; and what came in one after the other lies beside each other
// wherever requests are ordered: a leaf of a tree takes many of them, where random ones touch a leaf each.
#pragma once

#include <cstdint>

#include "core/base/request_id.h"
#include "core/base/rng.h"

namespace core {

class RequestIds {
 public:
  explicit RequestIds(Rng rng) : rng_(rng) { begin(); }

  RequestId next() {
    if ((last_.high & kCount) == kCount) begin();
    ++last_.high;
    return last_;
  }

 private:
  static constexpr std::uint64_t kCount = 0xffff'ffff;  // the rest of the 128 bits is drawn

  void begin() {
    const auto drawn = rng_.next();
    last_ = {.high = drawn & ~kCount, .low = rng_.next()};
  }

  Rng rng_;
  RequestId last_;
};

}  // namespace core
