// SPDX-License-Identifier: MPL-2.0
// What a network does to packets between places: some are lost, some come twice, all are late, and links are
// cut one way at a time, so that every shape of partition can be made of them.
#pragma once

#include <set>
#include <utility>
#include <vector>

#include "core/base/rng.h"
#include "core/base/time.h"

namespace test {

struct LinkOptions {
  core::Duration delay{};  // one way, drawn uniformly from [0, this)
  std::uint32_t lost_per_mille = 0;
  std::uint32_t doubled_per_mille = 0;
};

template <class Place>
class Links {
 public:
  Links(LinkOptions options, core::Rng rng) : options_(options), rng_(rng) {}

  // How many copies of a packet set out: none if it is lost.
  int copies() {
    if (rng_.chance(options_.lost_per_mille)) return 0;
    return rng_.chance(options_.doubled_per_mille) ? 2 : 1;
  }
  core::Duration delay() { return rng_.jitter(options_.delay); }
  core::Rng& rng() { return rng_; }

  // What `from` sends no longer reaches `to`.
  void cut(const Place& from, const Place& to) { cut_.emplace(from, to); }
  bool carries(const Place& from, const Place& to) const { return cut_.empty() || !cut_.contains({from, to}); }
  // Cuts all links between these and those; one way, only what these send is lost.
  void part(const std::vector<Place>& these, const std::vector<Place>& those, bool one_way) {
    for (const auto& a : these)
      for (const auto& b : those) {
        cut(a, b);
        if (!one_way) cut(b, a);
      }
  }
  // Draws a partition: one place alone, two halves, or a bridge between two halves, each both ways or only one.
  void fall_apart(std::vector<Place> places, core::Rng& rng) {
    rng.shuffle(places);
    const auto middle = rng.chance(500) ? 1 : places.size() / 2;
    const bool bridge = places.size() > 2 && rng.chance(250);  // the last one still reaches everybody
    const bool one_way = rng.chance(300);
    const auto at = places.begin() + static_cast<std::ptrdiff_t>(middle);
    part({places.begin(), at}, {at, places.end() - (bridge ? 1 : 0)}, one_way);
  }
  void heal() { cut_.clear(); }
  // From now on nothing is lost or doubled any more.
  void calm() { options_.lost_per_mille = options_.doubled_per_mille = 0; }
  void set(LinkOptions options) { options_ = options; }

 private:
  LinkOptions options_;
  core::Rng rng_;
  std::set<std::pair<Place, Place>> cut_;
};

}  // namespace test
