// SPDX-License-Identifier: MPL-2.0
// Settings from where they are kept: files and directories, read in the order they are named. The
// only part of agent/config that reads from the disk or asks the host for its name.
#pragma once

#include "agent/config_flags.h"

namespace agent::config {

// All layers merged, completed and validated: defaults or the dev preset, each -config path, flags.
core::Result<Config> load(const Flags& flags);

// One -config path. A directory gives its *.hcl and *.json in order of name, not those of editors
// (x~, .#x, #x#) nor of directories below.
core::Result<Config> load_path(const std::string& path);

}  // namespace agent::config
