// SPDX-License-Identifier: MPL-2.0
#include "net/uv/signal.h"

#include "net/uv/native.h"

namespace net::uv {

struct Signal::State {
  uv_signal_t handle{};
  bool detached = false;
  std::function<void()> on_signal;

  void fire() {
    if (!detached) on_signal();
  }
};

Signal::Signal(Loop& loop, int number, std::function<void()> on_signal) : state_(new State) {
  state_->on_signal = std::move(on_signal);
  ASSERT(uv_signal_init(&loop.state().loop, &state_->handle) == 0);
  state_->handle.data = state_.get();
  ASSERT(uv_signal_start(&state_->handle, [](uv_signal_t* h, int) { static_cast<State*>(h->data)->fire(); }, number) == 0);
}

Signal::Signal(Signal&&) noexcept = default;
Signal& Signal::operator=(Signal&&) noexcept = default;
Signal::~Signal() = default;

}  // namespace net::uv
