// SPDX-License-Identifier: MPL-2.0
// `variable`, `variables` and `locals` blocks, and the values that come from outside. Precedence, the
// last wins: default, environment, variable files in order, flags.
#pragma once

#include <deque>

#include "core/jobspec/reader.h"

namespace core::jobspec {

struct NamedValue {
  std::string name;
  std::string value;
};

struct Inputs {
  std::vector<NamedValue> environment;  // NOMAD_VAR_<name>, by <name>; unknown names are ignored
  std::vector<Source> files;            // unknown names are ignored
  std::vector<NamedValue> flags;        // -var; an unknown name is an error
};

// Reads the blocks of `file` into its evaluator. What inputs are parsed from is put into `sources`,
// which outlives the diagnostics.
void read_variables(BodyReader& file, const Inputs& inputs, std::deque<Source>& sources,
                    Diagnostics& diagnostics);

}  // namespace core::jobspec
