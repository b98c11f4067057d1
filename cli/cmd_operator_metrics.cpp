// SPDX-License-Identifier: MPL-2.0
#include "cli/api.h"
#include "cli/commands.h"
#include "cli/help.h"

namespace cli {

int operator_metrics(const Context& context, Arguments arguments) {
  bool pretty = false, json = false;
  std::string format;
  Flags flags;
  Api api;
  api.add_flags(flags);
  flags.boolean("pretty", pretty).boolean("json", json).text("format", format);
  const auto words = flags.parse(arguments);
  if (!words.ok()) return usage_error(context, words.error().detail, help::kOperatorMetrics);
  if (!words->empty()) return fail(context, "This command takes no arguments\nFor additional help try 'nomad operator metrics -help'");
  if (json && format == "prometheus") return fail(context, "Both -json and -format=prometheus were given");
  if (const auto connected = api.connect(context); !connected.ok()) return fail(context, connected.error().detail);
  Api::Parameters parameters;
  if (!format.empty()) parameters.emplace_back("format", format);
  if (pretty) parameters.emplace_back("pretty", "1");
  std::string shown;
  const auto read = api.stream("/v1/metrics", parameters, [&](std::string_view bytes) { return shown.append(bytes), true; });
  if (!read.ok()) return fail(context, "Error querying metrics: " + read.error().detail);
  while (!shown.empty() && shown.back() == '\n') shown.pop_back();
  context.ui.out(shown);
  return 0;
}

}  // namespace cli
