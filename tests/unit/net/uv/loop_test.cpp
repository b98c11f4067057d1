// SPDX-License-Identifier: MPL-2.0
#include "net/uv/loop.h"

#include <optional>
#include <vector>

#include "net/uv/lifetime.h"
#include "net/uv/signal.h"
#include "net/uv/timer.h"
#include "tests/support/test_loop.h"

#include <csignal>

using net::uv::Deferred;
using net::uv::Timer;
using support::TestLoop;

TEST_CASE("deferred functions run in order after the caller returned", "[uv][loop]") {
  TestLoop t;
  std::vector<int> order;
  t.loop.defer([&] {
    t.loop.defer([&] {
      order.push_back(3);
      t.stop();
    });
    order.push_back(1);
  });
  t.loop.defer([&] { order.push_back(2); });
  CHECK(order.empty());
  t.run();
  CHECK(order == std::vector<int>{1, 2, 3});
}

TEST_CASE("a Deferred runs once however often it was scheduled, and not at all once gone", "[uv][loop]") {
  TestLoop t;
  int kept = 0;
  int dropped = 0;
  Deferred one(t.loop, [&] { ++kept; });
  {
    Deferred other(t.loop, [&] { ++dropped; });
    other.schedule();
  }
  one.schedule();
  one.schedule();
  t.loop.defer([&] { t.stop(); });
  t.run();
  CHECK(kept == 1);
  CHECK(dropped == 0);
}

TEST_CASE("a Deferred may be destroyed by another one in the same turn, or by itself", "[uv][loop]") {
  TestLoop t;
  std::optional<Deferred> second;
  std::optional<Deferred> self;
  bool ran = false;
  Deferred first(t.loop, [&] { second.reset(); });
  second.emplace(t.loop, [&] { ran = true; });
  self.emplace(t.loop, [&] {
    self.reset();
    t.stop();
  });
  first.schedule();
  second->schedule();
  self->schedule();
  t.run();
  CHECK_FALSE(ran);
}

TEST_CASE("timers fire in the order of their deadlines and never early", "[uv][timer]") {
  TestLoop t;
  std::vector<int> order;
  const auto start = t.loop.now();
  core::Instant fired{};
  Timer late(t.loop, [&] {
    order.push_back(2);
    fired = t.loop.now();
    t.stop();
  });
  Timer soon(t.loop, [&] { order.push_back(1); });
  Timer never(t.loop, [&] { order.push_back(9); });
  late.arm(start + std::chrono::milliseconds(20));
  soon.arm(start - std::chrono::hours(1));
  never.arm(core::Instant::max());
  t.run();
  CHECK(order == std::vector<int>{1, 2});
  CHECK(fired >= start + std::chrono::milliseconds(20));
  CHECK(never.armed());
  never.disarm();
  CHECK_FALSE(never.armed());
}

TEST_CASE("a timer may destroy itself when it fires", "[uv][timer]") {
  TestLoop t;
  std::optional<Timer> timer;
  timer.emplace(t.loop, [&] {
    timer.reset();
    t.stop();
  });
  timer->arm(t.loop.now());
  t.run();
  CHECK_FALSE(timer.has_value());
}

TEST_CASE("a guarded function does nothing once its lifetime has ended", "[uv][lifetime]") {
  int calls = 0;
  std::function<void(int)> kept;
  {
    net::uv::Lifetime lifetime;
    kept = lifetime.guard([&](int by) { calls += by; });
    kept(2);
  }
  kept(5);
  CHECK(calls == 2);
}

TEST_CASE("a signal calls back on the loop", "[uv][signal]") {
  TestLoop t;
  net::uv::Signal usr1(t.loop, SIGUSR1, [&] { t.stop(); });
  ::raise(SIGUSR1);
  t.run();
}

TEST_CASE("the wall clock is in this century and the monotonic clock never falls", "[uv][loop]") {
  TestLoop t;
  CHECK(t.loop.wall().ns > 1'600'000'000'000'000'000);
  const auto before = t.loop.now();
  CHECK(t.loop.now() >= before);
}
