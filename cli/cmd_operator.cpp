// SPDX-License-Identifier: MPL-2.0
#include "agent/run.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/help.h"

namespace cli {

int operator_salvage(const Context& context, Arguments arguments) {
  bool yes = false;
  Flags flags;
  flags.boolean("yes", yes);
  const auto words = flags.parse(arguments);
  if (!words.ok()) return usage_error(context, words.error().detail, help::kOperatorSalvage);
  if (words->size() != 1) return usage_error(context, "This command takes one argument: <data-dir>", help::kOperatorSalvage);
  if (!yes) return fail(context, "What is behind the damage will be lost. Give -yes if no other server has a copy.");
  const auto salvaged = ::agent::salvage(words->front());
  if (!salvaged.ok()) return fail(context, "Error salvaging the log: " + salvaged.error().detail);
  if (salvaged->damage.empty()) {
    context.ui.out("The log is sound; nothing was changed.");
    return 0;
  }
  for (const auto& damage : salvaged->damage) context.ui.out("Damaged: " + damage);
  context.ui.out("The log now ends with entry " + std::to_string(salvaged->last_entry.value) + ".");
  context.ui.out("Copies of its files as they were: " + salvaged->copies);
  return 0;
}

}  // namespace cli
