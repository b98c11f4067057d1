// SPDX-License-Identifier: MPL-2.0
// The front door of the agent: everything composed, run until a signal or a failure; and what is done
// to an agent's directory while it does not run.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/config_file.h"
#include "core/base/ordinal.h"

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

struct Salvaged {
  std::vector<std::string> damage;  // what was wrong, each with file and offset; empty: nothing was changed
  core::Index last_entry;           // that is left in the log
  std::string copies;               // directory of the log's files as they were
};
// For an operator whose only server refuses a damaged log: gives up what follows the damage, keeps a
// copy of everything. What had been acknowledged behind it is lost; see store/log/repair.h.
// Errors: not_found (no server's log in `data_dir`), in_use (an agent runs on it), corrupt, permission,
// no_space, io.
core::Result<Salvaged> salvage(const std::string& data_dir);

// A snapshot that was saved, or one of a server's own.
struct SnapshotFile {
  std::string id;       // "<index>-<term>" of the entry that it ends with
  std::uint64_t bytes = 0;
  core::Index index;    // of the state, as X-Nomad-Index
  core::Term term;
  std::uint32_t version = 0;  // of the format
};
// Reads all of it. Errc::corrupt: damaged, or no snapshot; not_found, permission, io.
core::Result<SnapshotFile> inspect_snapshot(const std::string& path);
// Hands out the state in it as one JSON object, piece by piece. Errors as above.
core::Status print_state(const std::string& path, const std::function<void(std::string_view)>& out);

}  // namespace agent
