// SPDX-License-Identifier: MPL-2.0
#include "core/base/rng.h"

#include <bit>

#include "core/base/assert.h"

namespace core {

// splitmix64 spreads the seed over the state, as the generator's authors advise.
Rng::Rng(std::uint64_t seed) {
  for (auto& word : state_) {
    seed += 0x9e3779b97f4a7c15ULL;
    auto z = seed;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    word = z ^ (z >> 31);
  }
}

std::uint64_t Rng::next() {
  const auto result = std::rotl(state_[1] * 5, 7) * 9;
  const auto shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

std::uint64_t Rng::below(std::uint64_t n) {
  ASSERT(n > 0);
  // Values under the threshold would make the low remainders likelier; draw again.
  const auto threshold = (0 - n) % n;
  auto drawn = next();
  while (drawn < threshold) drawn = next();
  return drawn % n;
}

std::int64_t Rng::between(std::int64_t low, std::int64_t high) {
  ASSERT(low <= high);
  const auto span = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
  if (span == ~std::uint64_t{0}) return static_cast<std::int64_t>(next());
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + below(span + 1));
}

Duration Rng::jitter(Duration limit) {
  if (limit <= Duration::zero()) return Duration::zero();
  return Duration(static_cast<std::int64_t>(below(static_cast<std::uint64_t>(limit.count()))));
}

}  // namespace core
