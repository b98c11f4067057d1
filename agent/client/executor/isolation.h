// SPDX-License-Identifier: MPL-2.0
// A root of the task's own, built in a mount namespace of its own: directories of the host bound read
// only, /proc, /dev, /sys and /alloc made anew. The host sees none of these mounts, and they are gone
// with the task. Called between fork and exec.
#pragma once

#include "agent/client/executor/wire.h"
#include "core/base/result.h"

namespace agent::client {

// Before the fork: the next child gets process ids and IPC of its own.
core::Status separate_children(const Isolation& isolation);
// In the child: afterwards "/" is isolation.root with everything in its place. Nothing in the task's
// directory can redirect a mount: links there are not followed.
core::Status enter_root(const Isolation& isolation);
// No process from here on can have more than these.
core::Status bound_capabilities(std::uint64_t keep);
// Group ids, then user id; from here on there is no way back.
core::Status become(const Identity& user);

}  // namespace agent::client
