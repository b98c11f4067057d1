// SPDX-License-Identifier: MPL-2.0
// The few system calls that the node's side of things is made of, with failures as values: "what:
// reason" and a code to branch on. Blocking; small files only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "net/uv/pipe.h"

namespace agent::client::posix {

using net::uv::Descriptor;

// From errno. `what` names the call and its object: "mkdir /a/b".
core::Error failure(std::string_view what);

core::Result<std::string> read_file(const std::string& path);
core::Status write_file(const std::string& path, std::string_view text);  // must exist: for /proc and cgroups
// Replaces the file as a whole; nobody ever reads half of it. `durable`: it survives a power cut.
core::Status replace_file(const std::string& directory, const std::string& name, std::string_view text, bool durable);
core::Result<Descriptor> open_directory(const std::string& path);
// The directory and its missing parents.
core::Status make_directories(const std::string& path, unsigned mode);
bool exists(const std::string& path);
std::vector<std::string> list(const std::string& directory);  // names, sorted; empty if it cannot be read

// Opens `path` below `root` and nowhere else: no "..", no symbolic links on the way. `flags` as open(2).
core::Result<Descriptor> open_beneath(int root, const std::string& path, int flags, unsigned mode = 0);
// Makes the directory `path` below `root`, with its missing parents, and opens it.
core::Result<Descriptor> make_beneath(int root, const std::string& path, unsigned mode);

// "1a2b...": which boot of this machine it is.
std::string boot_id();
// When a process started, in clock ticks since boot; 0 if there is none, or one that is dead and waits
// for its parent to look.
std::uint64_t start_ticks(std::int32_t pid);

}  // namespace agent::client::posix
