// SPDX-License-Identifier: MPL-2.0
// A small file made or replaced whole: after a crash it holds what it held before or all of the new.
#pragma once

#include "store/env.h"

namespace store {

// Durable when it returns. Writes `path`.new first; what a crash leaves of that is overwritten next time.
Status replace_file(Env& env, const std::string& path, ByteView content);

}  // namespace store
