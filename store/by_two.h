// SPDX-License-Identifier: MPL-2.0
// The only thread in the store: a start that reads much lets a second one help for as long as that takes.
// What both of them write must be theirs alone, or atomic.
#pragma once

#include <functional>

namespace store {

// Calls `mine` here and `others` on another thread; returns when both did.
void by_two(const std::function<void()>& mine, const std::function<void()>& others);

}  // namespace store
