// SPDX-License-Identifier: MPL-2.0
// What people do to allocations: stop, restart, signal.
#include "cli/alloc_files.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/lookup.h"
#include "cli/monitor.h"
#include "core/base/fields.h"

namespace cli {
namespace {

std::string arity(std::string_view takes, std::string_view command) {
  return "This command takes " + std::string(takes) + "\nFor additional help try 'nomad " + std::string(command) + " -help'";
}

std::string object(std::initializer_list<std::pair<std::string_view, std::string_view>> members) {
  core::json::Writer w;
  w.begin_object();
  for (const auto& [name, value] : members) {
    w.key(name);
    w.string(value);
  }
  w.end_object();
  return w.take();
}

}  // namespace

int alloc_stop(const Context& context, Arguments arguments) {
  bool detach = false, verbose = false;
  Flags flags;
  Api api;
  api.add_flags(flags);
  flags.boolean("detach", detach).boolean("verbose", verbose);
  const auto words = flags.parse(arguments);
  if (!words.ok()) return usage_error(context, words.error().detail, help::kAllocStop);
  if (words->size() != 1) return fail(context, arity("one argument: <allocation>", "alloc stop"));
  if (const auto connected = api.connect(context); !connected.ok()) return fail(context, connected.error().detail);
  const auto alloc = find_alloc(api, words->front(), false);
  if (!alloc.ok()) return fail(context, alloc.error().detail);
  const auto reply = api.put("/v1/allocation/" + path_id(alloc->id.text) + "/stop", "");
  if (!reply.ok()) return fail(context, "Error stopping allocation: " + reply.error().detail);
  const auto eval = reply->body.root().find("EvalID");
  if (!eval.present || eval.value.kind() != core::json::Kind::string) return fail(context, "Error stopping allocation: the answer names no evaluation");
  const std::string id(eval.value.string());
  if (detach) return context.ui.out(id), 0;
  return monitor(context, api, id, {.style = Style::v1_1_0, .verbose = verbose});
}

int alloc_restart(const Context& context, Arguments arguments) {
  bool verbose = false;
  Flags flags;
  Api api;
  api.add_flags(flags);
  flags.boolean("verbose", verbose);
  const auto words = flags.parse(arguments);
  if (!words.ok()) return usage_error(context, words.error().detail, help::kAllocRestart);
  if (words->empty() || words->size() > 2) return fail(context, arity("one or two arguments: <allocation> [<task>]", "alloc restart"));
  if (const auto connected = api.connect(context); !connected.ok()) return fail(context, connected.error().detail);
  const auto alloc = find_alloc(api, words->front(), false);
  if (!alloc.ok()) return fail(context, alloc.error().detail);
  const auto body = object({{"TaskName", words->size() == 2 ? words->back() : ""}});
  const auto done = on_node(api, alloc->node_id, [&](const Api& agent) -> core::Status {
    TRY(agent.put("/v1/client/allocation/" + path_id(alloc->id.text) + "/restart", body));
    return core::ok_status();
  });
  return done.ok() ? 0 : fail(context, "Failed to restart allocation:\n\n" + done.error().detail);
}

int alloc_signal(const Context& context, Arguments arguments) {
  bool verbose = false;
  std::string signal = "SIGKILL";
  Flags flags;
  Api api;
  api.add_flags(flags);
  flags.boolean("verbose", verbose).text("s", signal);
  const auto words = flags.parse(arguments);
  if (!words.ok()) return usage_error(context, words.error().detail, help::kAllocSignal);
  if (words->empty() || words->size() > 2) return fail(context, arity("one or two arguments: <allocation> [<task>]", "alloc signal"));
  if (const auto connected = api.connect(context); !connected.ok()) return fail(context, connected.error().detail);
  const auto alloc = find_alloc(api, words->front(), false);
  if (!alloc.ok()) return fail(context, alloc.error().detail);
  const auto body = object({{"Signal", signal}, {"Task", words->size() == 2 ? words->back() : ""}});
  const auto done = on_node(api, alloc->node_id, [&](const Api& agent) -> core::Status {
    TRY(agent.put("/v1/client/allocation/" + path_id(alloc->id.text) + "/signal", body));
    return core::ok_status();
  });
  return done.ok() ? 0 : fail(context, "Error signalling allocation: " + done.error().detail);
}

}  // namespace cli
