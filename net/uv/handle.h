// SPDX-License-Identifier: MPL-2.0
// A libuv handle lives in a heap block that its close callback deletes. The owner holds a unique_ptr
// with this deleter, the only uv_close in the project; callbacks look at `detached` before they call
// anything of ours, so an object may destroy itself inside its own callback.
//
// The body of operator() is in native.h, which only the sources of net/uv include.
#pragma once

#include <memory>

namespace net::uv {

struct CloseThenDelete {
  template <class State>
  void operator()(State* state) const noexcept;
};

template <class State>
using Owned = std::unique_ptr<State, CloseThenDelete>;

}  // namespace net::uv
