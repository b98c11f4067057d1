// SPDX-License-Identifier: MPL-2.0
// Flags as Go programs take them: -x, --x, -x=v, -x v; a boolean takes a value only as -x=true; parsing
// stops at the first word that is no flag, or behind "--". Messages are those of Go's flag package.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/base/time.h"

namespace cli {

class Flags {
 public:
  // Each target outlives parse(); it keeps its value when the flag is not given. Names without dashes.
  Flags& boolean(std::string_view name, bool& target);
  Flags& text(std::string_view name, std::string& target);
  Flags& list(std::string_view name, std::vector<std::string>& target);  // may be repeated
  Flags& number(std::string_view name, std::int64_t& target);
  Flags& duration(std::string_view name, core::Duration& target);
  // Whatever `set` makes of the value; "" for a boolean without one.
  Flags& custom(std::string_view name, bool takes_value, std::function<core::Status(const std::string&)> set);

  // The words behind the flags. Errc::invalid: "flag provided but not defined: -foo" and the like.
  core::Result<std::vector<std::string>> parse(const std::vector<std::string>& arguments) const;

 private:
  struct Flag {
    std::string name;
    bool takes_value;
    std::function<core::Status(const std::string&)> set;
  };
  std::vector<Flag> flags_;
};

}  // namespace cli
