// SPDX-License-Identifier: MPL-2.0
#include "tests/support/world.h"

#include <cstdio>

namespace test {

void World::after(core::Duration delay, std::function<void()> event) {
  events_.emplace(std::pair{now_ + std::max(delay, core::Duration(1)), planned_++}, std::move(event));
}

void World::run_until(core::Instant until) {
  while (broken_.empty() && !events_.empty() && events_.begin()->first.first <= until) {
    auto next = events_.extract(events_.begin());
    now_ = next.key().first;
    next.mapped()();
  }
  now_ = std::max(now_, until);
}

void World::say(const std::string& what) const {
  if (talking_) std::printf("%9.3f %s\n", static_cast<double>(now_.time_since_epoch().count()) / 1e9, what.c_str());
}

void World::fail(std::string what) {
  if (!broken_.empty()) return;
  say("broken: " + what);
  broken_ = std::move(what);
}

}  // namespace test
