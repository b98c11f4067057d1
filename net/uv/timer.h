// SPDX-License-Identifier: MPL-2.0
// A one-shot timer armed at an Instant of its loop. It never fires early, and at most one
// millisecond of rounding late by itself.
#pragma once

#include <functional>

#include "core/base/time.h"
#include "net/uv/handle.h"
#include "net/uv/loop.h"

namespace net::uv {

class Timer {
 public:
  struct State;

  Timer(Loop& loop, std::function<void()> on_fire);
  Timer(Timer&&) noexcept;
  Timer& operator=(Timer&&) noexcept;
  ~Timer();

  // Replaces an earlier deadline. A deadline that has passed fires on the next turn.
  void arm(core::Instant at);
  void disarm();
  bool armed() const;

 private:
  Owned<State> state_;
};

}  // namespace net::uv
