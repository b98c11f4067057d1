// SPDX-License-Identifier: MPL-2.0
// Calls back on the loop each time the process gets a signal.
#pragma once

#include <functional>

#include "net/uv/handle.h"
#include "net/uv/loop.h"

namespace net::uv {

class Signal {
 public:
  struct State;

  // REQUIRES: `number` is a signal that can be caught. While it lives the loop has something to wait for.
  Signal(Loop& loop, int number, std::function<void()> on_signal);
  Signal(Signal&&) noexcept;
  Signal& operator=(Signal&&) noexcept;
  ~Signal();

 private:
  Owned<State> state_;
};

}  // namespace net::uv
