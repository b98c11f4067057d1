// SPDX-License-Identifier: MPL-2.0
#include "agent/run.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/help.h"

namespace cli {

int agent(const Context& context, Arguments arguments) {
  ::agent::config::Flags given;
  Flags flags;
  for (const auto& spec : ::agent::config::flag_specs())
    flags.custom(spec.name, spec.kind != ::agent::config::FlagKind::boolean,
                 [&given, name = spec.name](const std::string& value) {
                   return ::agent::config::set_flag(given, name, value.empty() ? "true" : value);
                 });
  const auto words = flags.parse(arguments);
  if (!words.ok()) {
    context.ui.err(words.error().detail);
    context.ui.err(help::kAgent);
    return 1;
  }
  return ::agent::run(given, {.out = [&](std::string_view line) { context.ui.out(line); },
                              .err = [&](std::string_view line) { context.ui.err(line); }});
}

}  // namespace cli
