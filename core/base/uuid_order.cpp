// SPDX-License-Identifier: MPL-2.0
#include "core/base/uuid_order.h"

#include <charconv>

#include "core/base/id.h"
#include "core/base/rng.h"

namespace core {
namespace {

constexpr std::size_t kDigits = 8;
constexpr std::uint32_t kStep = 256;

}  // namespace

std::string make_uuid_at(std::uint32_t begin, Rng& rng) {
  auto out = make_uuid(rng);
  for (std::size_t i = kDigits; i-- > 0; begin >>= 4) out[i] = "0123456789abcdef"[begin & 0xf];
  return out;
}

std::string make_uuid_after(std::string_view other, Rng& rng) {
  if (!is_uuid(other)) return make_uuid(rng);
  std::uint32_t before = 0;
  std::from_chars(other.data(), other.data() + kDigits, before, 16);
  return make_uuid_at(before + 1, rng);
}

std::string UuidSeries::draw(Rng& rng) {
  auto out = make_uuid_at(next_, rng);
  next_ += kStep;
  return out;
}

}  // namespace core
