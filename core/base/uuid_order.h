// SPDX-License-Identifier: MPL-2.0
// UUIDs that lie beside each other wherever something is ordered by id. What is made together is then kept
// together: a leaf of a tree or a page of an index takes many of them, where each random id touches one of its
// own. Only the first eight digits are chosen, and they differ, because people shorten ids to them. This file alone
// looks into an id, and only to name the next one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace core {

class Rng;

// Begins with these digits; the rest is drawn.
std::string make_uuid_at(std::uint32_t begin, Rng& rng);
// The one behind `other`, which begins with the number before; anywhere if that is no UUID.
std::string make_uuid_after(std::string_view other, Rng& rng);

// Counts in steps, so that ids of what follows from one find room behind it.
class UuidSeries {
 public:
  explicit UuidSeries(std::uint32_t begin) : next_(begin) {}
  std::string draw(Rng& rng);

 private:
  std::uint32_t next_;
};

}  // namespace core
