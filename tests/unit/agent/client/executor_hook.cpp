// SPDX-License-Identifier: MPL-2.0
// The test program is its own executor: called as `<program> executor` it becomes one, as early as the
// real binary does, before Catch2's main is reached.
#include <cstdlib>
#include <cstring>

#include "agent/client/executor/executor.h"

namespace {

[[gnu::constructor]] void become_executor(int argc, char** argv, char**) {
  if (argc > 1 && std::strcmp(argv[1], "executor") == 0) std::_Exit(agent::client::executor_main(argc, argv));
}

}  // namespace
