// SPDX-License-Identifier: MPL-2.0
// Which names are recorded at all: rules "+prefix" and "-prefix", of which the longest that fits decides.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace core::metrics {

class Filter {
 public:
  Filter() = default;
  // REQUIRES: each rule begins with '+' or '-'. Of two for the same prefix, '-' counts.
  Filter(const std::vector<std::string>& rules, bool otherwise);

  bool allows(std::string_view name) const;

 private:
  std::map<std::string, bool, std::less<>> rules_;  // by prefix
  bool otherwise_ = true;
};

}  // namespace core::metrics
