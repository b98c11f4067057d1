// SPDX-License-Identifier: MPL-2.0
// Virtual time and everything that is going to happen: events in order of time, then of the moment
// they were planned. The same seed plans the same events, whatever machine and compiler run it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "core/base/digest.h"
#include "core/base/rng.h"
#include "core/base/time.h"

namespace test {

class World {
 public:
  explicit World(std::uint64_t seed) : rng_(seed) {}

  core::Instant now() const { return now_; }
  // A clock that starts on a fixed day and is always right.
  core::WallTime wall() const { return {1'790'000'000'000'000'000 + now_.time_since_epoch().count()}; }
  // Never two draws in the arguments of one call: compilers differ in which comes first.
  core::Rng& rng() { return rng_; }

  void after(core::Duration delay, std::function<void()> event);
  // Runs events until nothing is planned before `until`; time is `until` then. Stops when something broke.
  void run_until(core::Instant until);

  // The history so far: what is noted here is compared between two runs of a seed.
  void note(core::ByteView what) { history_ = core::chain(history_, {what}); }
  const core::Digest& history() const { return history_; }
  // Says on standard output what happens, for a person who replays a seed.
  void set_talking(bool talking) { talking_ = talking; }
  void say(const std::string& what) const;

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
  bool talking_ = false;
};

}  // namespace test
