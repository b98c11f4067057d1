// SPDX-License-Identifier: MPL-2.0
// What was recorded, in the words of those who read it: /v1/metrics as JSON and for Prometheus, the text
// that SIGUSR1 prints, and the lines of statsd and statsite.
#pragma once

#include <string>
#include <vector>

#include "core/metrics/registry.h"

namespace core::metrics {

// The last finished interval, or the current one while none is finished. Series that recorded nothing in
// it are left out.
std::string to_json(const Registry& registry);

// One line for each series and finished interval, oldest interval first; of the current one while none is finished.
std::string dump(const Registry& registry);

// Text format 0.0.4. Counters and summaries since the start; gauges that were set, and quantiles of what
// was measured, in the last minute.
std::string to_prometheus(const Registry& registry);

// One string for each line, "nomad.x:1.000000|c" and a newline, of what sinks have not been told yet. Gauges
// have the host's name behind the first part of their own; values of labels follow the name as further parts.
std::vector<std::string> take_lines(Registry& registry);

}  // namespace core::metrics
