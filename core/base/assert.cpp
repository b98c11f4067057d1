// SPDX-License-Identifier: MPL-2.0
#include "core/base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace core {

void crash(const char* file, int line, const char* kind, std::string_view what) noexcept {
  std::fprintf(stderr, "%s:%d: %s: %.*s\n", file, line, kind, static_cast<int>(what.size()), what.data());
  std::fflush(stderr);
  std::abort();
}

}  // namespace core
