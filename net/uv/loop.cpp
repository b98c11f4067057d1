// SPDX-License-Identifier: MPL-2.0
#include "net/uv/loop.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>

#include <utility>

#include "net/uv/native.h"

namespace net::uv {
namespace {

struct Census {
  int closing = 0;
  int open = 0;
};

Census take_census(uv_loop_t& loop) {
  Census census;
  uv_walk(&loop, [](uv_handle_t* h, void* out) { ++(uv_is_closing(h) ? static_cast<Census*>(out)->closing : static_cast<Census*>(out)->open); }, &census);
  return census;
}

// Blocks SIGPIPE for this thread while it lives, and takes back what was raised meanwhile. One that was blocked
// or pending before stays so.
class PipeSignalHeldBack {
 public:
  PipeSignalHeldBack() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  PipeSignalHeldBack(const PipeSignalHeldBack&) = delete;
  PipeSignalHeldBack& operator=(const PipeSignalHeldBack&) = delete;
  ~PipeSignalHeldBack() {
    const timespec at_once{};
    if (!was_pending_) (void)sigtimedwait(&pipe_, nullptr, &at_once);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t pipe_;
  sigset_t before_;
  bool was_pending_ = false;
};

}  // namespace

Loop::Loop() : state_(std::make_unique<State>()) {
  ASSERT(uv_loop_init(&state_->loop) == 0);
  state_->loop.data = state_.get();
  state_->idle.reset(new IdleState);
  state_->idle->loop = state_.get();
  ASSERT(uv_idle_init(&state_->loop, &state_->idle->handle) == 0);
  state_->idle->handle.data = state_->idle.get();
}

Loop::~Loop() {
  // What a deferred function holds may itself own handles, or defer more while it dies.
  while (!state_->waiting.empty()) std::exchange(state_->waiting, {}).clear();
  state_->idle.reset();
  // A block that dies may let go of handles its callable held: those close in the next round.
  while (take_census(state_->loop).closing > 0) uv_run(&state_->loop, UV_RUN_NOWAIT);
  ASSERT(take_census(state_->loop).open == 0);  // an object on this loop outlived it
  uv_run(&state_->loop, UV_RUN_DEFAULT);
  ASSERT(uv_loop_close(&state_->loop) == 0);
}

void Loop::run() {
  const PipeSignalHeldBack held_back;
  uv_run(&state_->loop, UV_RUN_DEFAULT);
}
void Loop::stop() { uv_stop(&state_->loop); }

void Loop::defer(std::function<void()> fn) {
  state_->waiting.push_back({std::move(fn), nullptr});
  if (state_->idle == nullptr) return;  // the loop is being destroyed: dropped with the rest
  uv_idle_start(&state_->idle->handle, [](uv_idle_t* h) { static_cast<IdleState*>(h->data)->loop->run_deferred(); });
}

void Loop::State::run_deferred() {
  ASSERT(running.empty());
  std::swap(waiting, running);  // what these defer runs a turn later, so that events are not starved
  for (std::size_t i = 0; i < running.size(); ++i) {
    if (running[i].owner != nullptr) running[i].owner->scheduled_ = false;
    const auto fn = std::move(running[i].fn);
    if (fn) fn();
  }
  running.clear();
  if (waiting.empty()) uv_idle_stop(&idle->handle);
}

core::Instant Loop::now() const { return core::Instant(core::Duration(static_cast<std::int64_t>(uv_hrtime()))); }

core::WallTime Loop::wall() const {
  uv_timeval64_t t{};
  uv_gettimeofday(&t);
  return {t.tv_sec * 1'000'000'000 + t.tv_usec * 1'000};
}

Deferred::Deferred(Loop& loop, std::function<void()> fn) : loop_(loop.state()), fn_(std::move(fn)) {}

Deferred::~Deferred() {
  if (!scheduled_) return;
  for (auto* list : {&loop_.waiting, &loop_.running})
    for (auto& entry : *list)
      if (entry.owner == this) entry = {nullptr, nullptr};
}

void Deferred::schedule() {
  if (scheduled_) return;
  scheduled_ = true;
  loop_.waiting.push_back({fn_, this});
  uv_idle_start(&loop_.idle->handle, [](uv_idle_t* h) { static_cast<IdleState*>(h->data)->loop->run_deferred(); });
}

}  // namespace net::uv
