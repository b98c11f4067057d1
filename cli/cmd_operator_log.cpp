// SPDX-License-Identifier: MPL-2.0
#include "cli/api.h"
#include "cli/commands.h"
#include "cli/help.h"

namespace cli {

int operator_log(const Context& context, Arguments arguments) {
  std::string from, type;
  bool follow = false;
  Flags flags;
  Api api;
  api.add_flags(flags);
  flags.text("from", from).text("type", type).boolean("f", follow);
  const auto words = flags.parse(arguments);
  if (!words.ok()) return usage_error(context, words.error().detail, help::kOperatorLog);
  if (!words->empty()) return fail(context, "This command takes no arguments\nFor additional help try 'nomad operator log -help'");
  if (const auto connected = api.connect(context); !connected.ok()) return fail(context, connected.error().detail);
  Api::Parameters parameters;
  if (!from.empty()) parameters.emplace_back("from", from);
  if (!type.empty()) parameters.emplace_back("type", type);
  if (follow) parameters.emplace_back("follow", "true");
  const auto shown = api.stream("/v1/operator/log", parameters, [&](std::string_view bytes) { return context.ui.raw(bytes); });
  if (!shown.ok()) return fail(context, "Error reading the log: " + shown.error().detail);
  return 0;
}

}  // namespace cli
