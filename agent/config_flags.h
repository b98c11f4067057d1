// SPDX-License-Identifier: MPL-2.0
// The flags of `nomad agent`, of all releases: a table for whoever parses command lines, and the
// settings they stand for.
#pragma once

#include <span>

#include "agent/config.h"

namespace agent::config {

struct Flags {
  bool dev = false;
  Texts config_paths;  // -config, in order
  Config layer;        // what the other flags say
};

enum class FlagKind { boolean, text, number, repeated };

struct FlagSpec {
  std::string_view name;  // without the dash
  FlagKind kind;          // boolean: a value is optional and given with '='
  std::string_view help;
};

// In the order of the help text.
std::span<const FlagSpec> flag_specs();
// Sets what -<name>=<value> says; a boolean without a value is given as "true". The error is what to
// print. REQUIRES: `name` is in flag_specs().
core::Status set_flag(Flags& flags, std::string_view name, std::string_view value);

}  // namespace agent::config
