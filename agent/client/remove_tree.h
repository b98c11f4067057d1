// SPDX-License-Identifier: MPL-2.0
// Removes a directory with all that is in it. Whatever happens inside meanwhile, nothing outside is
// touched: directories are entered by descriptor, links are removed and never followed, and no other
// file system is entered.
#pragma once

#include <string>

#include "core/base/result.h"

namespace agent::client {

// Fine if it is not there.
core::Status remove_tree(const std::string& path);

}  // namespace agent::client
