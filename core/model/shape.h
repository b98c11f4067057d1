// SPDX-License-Identifier: MPL-2.0
// Which generation of API client an answer is for. v0.1.2 clients decode ports and driver config by
// older rules (http-api: ports are labels and numbers, config values are text) and stop at the first
// member they cannot decode; everything else they read as it is.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace core::model {

enum class Shape { current, v0_1_2 };
constexpr std::array<std::string_view, 2> words(Shape) { return {"current", "v0.1.2"}; }

// Rewrites the answer `json` as a v0.1.2 client decodes it: in every network DynamicPorts become labels
// and ReservedPorts numbers, static ones first, then the allocated dynamic ones in label order; the
// values of a task's Config become text. Errors are those of json::parse.
Result<std::string> to_v0_1_2(std::string_view json);

}  // namespace core::model
