// SPDX-License-Identifier: MPL-2.0
// A job file to a model::Job: HCL2 as Nomad 1.1 reads it, HCL1, either of them as JSON, or the API's
// own JSON ({"Job": {...}}). The job is as written: model::canonicalize fills defaults, and
// model::validate says what the cluster would refuse.
//
// Every error is "file:line,col-col: summary; detail" with the source line under it.
#pragma once

#include "core/jobspec/variables.h"
#include "core/model/job.h"

namespace core::jobspec {

struct Options {
  bool hcl1 = false;  // values are literals: no variables, functions or templates
  Inputs inputs;
  Outside outside;
};

Result<model::Job> parse_job(std::string_view text, std::string_view filename, const Options& options = {});

}  // namespace core::jobspec
