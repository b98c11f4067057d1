// SPDX-License-Identifier: MPL-2.0
// What the sources of net/uv share and nobody else sees: the loop's insides, how a handle's block is
// closed, and how addresses become sockaddrs.
//
// A State block has a member `handle` (a uv_*_t, or a union that starts with one) and `detached`.
#pragma once

#include <uv.h>

#include <array>
#include <functional>
#include <vector>

#include "core/base/limits.h"
#include "net/uv/address.h"
#include "net/uv/handle.h"
#include "net/uv/loop.h"

namespace net::uv {

template <class State>
void CloseThenDelete::operator()(State* state) const noexcept {
  state->detached = true;  // trampolines look here before calling us
  uv_close(reinterpret_cast<uv_handle_t*>(&state->handle), [](uv_handle_t* h) { delete static_cast<State*>(h->data); });
}

struct IdleState {
  uv_idle_t handle{};
  bool detached = false;
  Loop::State* loop = nullptr;
};

struct Loop::State {
  struct Entry {
    std::function<void()> fn;
    const Deferred* owner;
  };

  uv_loop_t loop{};
  Owned<IdleState> idle;       // spins the loop once more while anything is deferred
  std::vector<Entry> waiting;  // runs next turn
  std::vector<Entry> running;  // runs now; entries are emptied when their owner goes
  // Every stream and socket reads into this one buffer: the callback consumes it before libuv reads
  // again, so an idle connection needs none of its own.
  std::array<char, 64 * core::limits::kKiB> read_buffer;

  void run_deferred();
};

// The loop a handle belongs to.
inline Loop::State& loop_of(const uv_handle_t* handle) { return *static_cast<Loop::State*>(handle->loop->data); }
inline void lend_read_buffer(uv_handle_t* handle, uv_buf_t* out) noexcept {
  auto& loop = loop_of(handle);
  *out = uv_buf_init(loop.read_buffer.data(), static_cast<unsigned>(loop.read_buffer.size()));
}

core::Result<sockaddr_storage> to_sockaddr(const Address& address);
Address from_sockaddr(const sockaddr* address);

}  // namespace net::uv
