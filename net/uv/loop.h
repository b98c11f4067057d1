// SPDX-License-Identifier: MPL-2.0
// The event loop: everything that is not a worker's job runs on the one thread that calls run().
// It is also the drivers' clock: core never reads one.
//
// Objects made on a loop die before it. ~Loop lets closing handles finish and asserts that nothing
// is left: every leaked handle fails a test.
#pragma once

#include <functional>
#include <memory>

#include "core/base/time.h"

namespace net::uv {

class Loop {
 public:
  struct State;

  Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop();

  // Until stop(), or until nothing is left to wait for. Meanwhile this thread gets no SIGPIPE (libuv's writes
  // raise it): a write to a peer that left is an error, told to whoever wrote.
  void run();
  // Makes run() return after the current turn. Callable from any callback of this loop.
  void stop();
  // Calls `fn` on this loop soon: after the current callback returned, before waiting for events.
  void defer(std::function<void()> fn);

  core::Instant now() const;  // callable from any thread
  core::WallTime wall() const;

  State& state() { return *state_; }

 private:
  std::unique_ptr<State> state_;
};

// One function that can be scheduled for the end of the turn, at most once at a time, and is
// forgotten when this object dies: how writes of one turn are gathered into one.
class Deferred {
 public:
  Deferred(Loop& loop, std::function<void()> fn);
  Deferred(const Deferred&) = delete;
  Deferred& operator=(const Deferred&) = delete;
  ~Deferred();

  void schedule();

 private:
  friend struct Loop::State;
  Loop::State& loop_;
  std::function<void()> fn_;
  mutable bool scheduled_ = false;
};

}  // namespace net::uv
