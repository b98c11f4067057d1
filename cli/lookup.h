// SPDX-License-Identifier: MPL-2.0
// From what a user typed, a whole id or the beginning of one, to the one object meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/api.h"

namespace cli {

struct Kind {
  std::string_view path;    // of the list: "/v1/nodes"
  std::string_view noun;    // "node": in "No node(s) with prefix or id ..."
  std::string_view plural;  // "nodes": in "Prefix matched multiple nodes"
};
inline constexpr Kind kJobs{"/v1/jobs", "job", "jobs"};
inline constexpr Kind kNodes{"/v1/nodes", "node", "nodes"};
inline constexpr Kind kAllocs{"/v1/allocations", "allocation", "allocations"};
inline constexpr Kind kEvals{"/v1/evaluations", "evaluation", "evaluations"};

// The whole id. not_found: nothing begins so; conflict: several do, the detail lists them; unavailable: the
// agent could not be asked or refused.
core::Result<std::string> resolve(const Api& api, const Kind& kind, const std::string& typed);

}  // namespace cli
