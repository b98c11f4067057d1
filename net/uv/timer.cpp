// SPDX-License-Identifier: MPL-2.0
#include "net/uv/timer.h"

#include <algorithm>

#include "net/uv/native.h"

namespace net::uv {

struct Timer::State {
  uv_timer_t handle{};
  bool detached = false;
  std::function<void()> on_fire;

  void fire() {
    if (!detached) on_fire();
  }
};

Timer::Timer(Loop& loop, std::function<void()> on_fire) : state_(new State) {
  state_->on_fire = std::move(on_fire);
  ASSERT(uv_timer_init(&loop.state().loop, &state_->handle) == 0);
  state_->handle.data = state_.get();
}

Timer::Timer(Timer&&) noexcept = default;
Timer& Timer::operator=(Timer&&) noexcept = default;
Timer::~Timer() = default;

void Timer::arm(core::Instant at) {
  constexpr std::int64_t kFarMs = 1'000'000'000'000;  // 31 years: "never", and far from overflow
  const std::int64_t ns = at.time_since_epoch().count();
  const std::int64_t at_ms = ns / 1'000'000 + (ns % 1'000'000 > 0 ? 1 : 0);
  // libuv's timers count from its cached milliseconds of the same clock, so the difference is exact.
  const auto base = static_cast<std::int64_t>(uv_now(state_->handle.loop));
  const auto wait = std::clamp<std::int64_t>(at_ms - base, 0, kFarMs);
  uv_timer_start(&state_->handle, [](uv_timer_t* h) { static_cast<State*>(h->data)->fire(); },
                 static_cast<std::uint64_t>(wait), 0);
}

void Timer::disarm() { uv_timer_stop(&state_->handle); }
bool Timer::armed() const { return uv_is_active(reinterpret_cast<const uv_handle_t*>(&state_->handle)) != 0; }

}  // namespace net::uv
