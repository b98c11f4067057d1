// SPDX-License-Identifier: MPL-2.0
// Virtual time and everything that is going to happen: events in order of time, then of the moment
// they were planned. The same seed plans the same events.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "core/base/digest.h"
#include "core/base/rng.h"
#include "core/base/time.h"

namespace sim {

class World {
 public:
  explicit World(std::uint64_t seed) : rng_(seed) {}

  core::Instant now() const { return now_; }
  // A clock that starts on a fixed day.
  core::WallTime wall() const { return {1'790'000'000'000'000'000 + now_.time_since_epoch().count()}; }
  core::Rng& rng() { return rng_; }

  void after(core::Duration delay, std::function<void()> event);
  // Runs events until nothing is planned before `until`; time is `until` then.
  void run_until(core::Instant until);

  // The history so far: what is noted here is compared between two runs of a seed.
  void note(const std::string& text) { history_ = core::chain(history_, {text}); }
  const core::Digest& history() const { return history_; }

  // The first thing found wrong; empty while all is well.
  const std::string& broken() const { return broken_; }
  void fail(std::string what);

 private:
  core::Rng rng_;
  core::Instant now_{};
  std::uint64_t planned_ = 0;
  std::map<std::pair<core::Instant, std::uint64_t>, std::function<void()>> events_;
  core::Digest history_;
  std::string broken_;
};

}  // namespace sim
