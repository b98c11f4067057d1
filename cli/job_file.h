// SPDX-License-Identifier: MPL-2.0
// A job file, from a path or from standard input ("-"), read and decoded.
#pragma once

#include <string>
#include <vector>

#include "cli/commands.h"
#include "core/model/job.h"

namespace cli {

struct JobFileOptions {
  bool hcl1 = false;
  std::vector<std::string> variables;       // -var 'k=v'
  std::vector<std::string> variable_files;  // -var-file
};
// Errors say what a person must know: the file that is missing, or where it is wrong.
core::Result<core::model::Job> read_job(const std::string& path, const JobFileOptions& options, Style style);
// The whole file, or what comes on standard input for "-".
core::Result<std::string> read_file(const std::string& path);

}  // namespace cli
