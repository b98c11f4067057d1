// SPDX-License-Identifier: MPL-2.0
// libuv's negative status as an Error of ours: a code to branch on, and "<what>: <libuv's words>".
#pragma once

#include <string_view>

#include "core/base/result.h"

namespace net::uv {

// REQUIRES: status < 0.
core::Error error_from(int status, std::string_view what);

}  // namespace net::uv
