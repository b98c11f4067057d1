// SPDX-License-Identifier: MPL-2.0
// Checks that stay on in release builds, and the one way to stop on purpose.
//
// ASSERT: what only a bug of ours can break. UNREACHABLE: the branch that cannot be.
// PANIC: going on would be unsafe (failed fsync, corrupt committed entry); recovery is the
// ordinary start-up path. All three print one line to stderr and abort.
#pragma once

#include <string_view>

namespace core {

// Prints "<file>:<line>: <kind>: <what>" to stderr and aborts the process.
[[noreturn]] void crash(const char* file, int line, const char* kind, std::string_view what) noexcept;

}  // namespace core

#define ASSERT(condition) \
  (static_cast<bool>(condition) ? void(0) : ::core::crash(__FILE__, __LINE__, "assertion failed", #condition))
#define UNREACHABLE() ::core::crash(__FILE__, __LINE__, "reached the unreachable", __func__)
#define PANIC(reason) ::core::crash(__FILE__, __LINE__, "panic", reason)
