// SPDX-License-Identifier: MPL-2.0
#include "cli/alloc_files.h"
#include "cli/commands.h"
#include "cli/help.h"

namespace cli {
namespace {

using core::model::Allocation;

struct LogFlags {
  bool errors = false, follow = false, by_job = false, verbose = false;
  std::string task;
  Tail tail;
};

// Errc::invalid, with the tasks to choose from, when there are several.
core::Result<std::string> only_task(const Allocation& alloc, bool verbose) {
  if (alloc.task_resources.size() == 1) return alloc.task_resources.begin()->first;
  auto text = "Allocation \"" + shown_id(alloc.id.text, verbose) + "\" is running the following tasks:";
  for (const auto& [name, resources] : alloc.task_resources) text += "\n  * " + name;
  return core::Error{core::Errc::invalid, text + "\n\nPlease specify the task."};
}

int print_logs(const Context& context, const Api& api, const Allocation& alloc, const LogFlags& logs) {
  const Api::Parameters parameters{{"task", logs.task},
                                   {"type", logs.errors ? "stderr" : "stdout"},
                                   {"follow", logs.follow ? "true" : "false"},
                                   {"origin", logs.tail.tail ? "end" : "start"},
                                   {"offset", std::to_string(logs.tail.tail ? logs.tail.offset() : 0)}};
  FramePrinter printer(context.ui, logs.tail);
  auto status = on_node(api, alloc.node_id, [&](const Api& agent) {
    return agent.stream("/v1/client/fs/logs/" + path_id(alloc.id.text), parameters, [&](std::string_view bytes) { return printer.take(bytes); });
  });
  if (auto finished = printer.finish(); status.ok()) status = std::move(finished);
  return status.ok() ? 0 : fail(context, "Error reading file: " + status.error().detail);
}

}  // namespace

int alloc_logs(const Context& context, Arguments arguments) {
  LogFlags logs;
  bool out = true;  // what is printed anyway
  Flags flags;
  Api api;
  api.add_flags(flags);
  flags.boolean("stderr", logs.errors).boolean("stdout", out).boolean("f", logs.follow).boolean("job", logs.by_job);
  flags.boolean("verbose", logs.verbose).text("task", logs.task);
  logs.tail.add_flags(flags);
  const auto words = flags.parse(arguments);
  if (!words.ok()) return usage_error(context, words.error().detail, help::kAllocLogs);
  if (words->empty() || words->size() > 2)
    return fail(context, std::string("This command takes one or two arguments: ") + (logs.by_job ? "<job> [<task>]" : "<allocation> [<task>]") +
                             "\nFor additional help try 'nomad alloc logs -help'");
  if (const auto complete = logs.tail.complete(); !complete.ok()) return fail(context, complete.error().detail);
  if (words->size() == 2) logs.task = words->back();
  if (const auto connected = api.connect(context); !connected.ok()) return fail(context, connected.error().detail);
  const auto alloc = find_alloc(api, words->front(), logs.by_job);
  if (!alloc.ok()) return fail(context, alloc.error().detail);
  if (logs.task.empty()) {
    auto task = only_task(*alloc, logs.verbose);
    if (!task.ok()) return fail(context, "Failed to validate task: " + task.error().detail);
    logs.task = std::move(*task);
  }
  return print_logs(context, api, *alloc, logs);
}

}  // namespace cli
