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

// How v0.1.2 explains a placement: what became of the allocation, then a bullet for each reason.
std::vector<std::string> placement_lines(const core::AllocId& id, std::string_view client_status, const core::model::AllocMetric& metric);
// The lines that say why a group was not placed, each behind `indent`.
std::vector<std::string> metric_lines(const core::model::AllocMetric& metric, std::string_view indent);

}  // namespace cli
