// SPDX-License-Identifier: MPL-2.0
// The front door of the agent: everything composed, run until a signal or a failure.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "agent/config_file.h"

namespace agent {

struct Console {
  std::function<void(std::string_view)> out;  // one line to stdout
  std::function<void(std::string_view)> err;  // one line to stderr
};

// Loads the configuration, starts what it asks for, runs. The exit code: 0 after a graceful leave, 1
// after anything else.
int run(const config::Flags& flags, const Console& console);

// The supervisor beside a task (`nomad executor`), to be called before anything else is set up.
int run_executor(int argc, char** argv);

}  // namespace agent
