// SPDX-License-Identifier: MPL-2.0
// Randomness as a value: seeded by whoever builds the machine, the same draws on every machine.
// The generator is xoshiro256** (Blackman & Vigna 2018); the distributions are ours, because the
// standard library's may differ between versions. Not for secrets: those come from net/secure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/base/time.h"

namespace core {

class Rng {
 public:
  explicit Rng(std::uint64_t seed);

  std::uint64_t next();
  // Uniform in [0, n). REQUIRES: n > 0.
  std::uint64_t below(std::uint64_t n);
  // Uniform in [low, high]. REQUIRES: low <= high.
  std::int64_t between(std::int64_t low, std::int64_t high);
  // Uniform in [0, limit); zero for a limit that is not positive.
  Duration jitter(Duration limit);
  // True `per_mille` times in a thousand.
  bool chance(std::uint32_t per_mille) { return below(1000) < per_mille; }
  // A generator with a stream of its own, so that one component's draws never shift another's.
  Rng fork() { return Rng(next()); }

  template <class T>
  void shuffle(std::vector<T>& items) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
  }

 private:
  std::uint64_t state_[4];
};

}  // namespace core
