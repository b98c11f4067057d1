// SPDX-License-Identifier: MPL-2.0
// How an asynchronous call reports its one outcome: the last parameter, called exactly once and never
// before the call returned. An object that is destroyed drops the completions it still owes, so
// nothing runs for an owner that let go of it.
#pragma once

#include <functional>

#include "core/base/result.h"

namespace net::uv {

template <class T>
using Done = std::function<void(core::Result<T>)>;

}  // namespace net::uv
