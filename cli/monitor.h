// SPDX-License-Identifier: MPL-2.0
// Follows an evaluation until it is done and tells what it did, as `run`, `stop` and `eval-monitor` do.
#pragma once

#include <string>

#include "cli/api.h"
#include "cli/commands.h"
#include "core/model/eval.h"

namespace cli {

struct MonitorOptions {
  Style style = Style::v0_1_2;
  bool verbose = false;  // whole ids in the v1.1.0 style
};
// Exit code: 0 done, 2 done but not all could be placed, 1 an error.
int monitor(const Context& context, const Api& api, std::string eval_id, MonitorOptions options);

// The lines that say why a group was not placed, each behind `indent`.
std::vector<std::string> metric_lines(const core::model::AllocMetric& metric, std::string_view indent);

}  // namespace cli
