// SPDX-License-Identifier: MPL-2.0
#include "cli/api.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/lookup.h"
#include "cli/monitor.h"
#include "core/base/fields.h"

namespace cli {
namespace {

using core::model::Evaluation;

void show(const Context& context, const Evaluation& eval, bool verbose) {
  const auto time = [&](core::WallTime t) { return verbose ? absolute_time(t) : relative_time(t, context.now()); };
  std::vector<std::pair<std::string, std::string>> lines{
      {"ID", shown_id(eval.id.text, verbose)},
      {"Create Time", time(eval.create_time)},
      {"Modify Time", time(eval.modify_time)},
      {"Status", std::string(core::to_word(eval.status))},
      {"Status Description", eval.status_description.empty() ? std::string(core::to_word(eval.status)) : eval.status_description},
      {"Type", eval.type},
      {"TriggeredBy", eval.triggered_by},
      {"Job ID", eval.job_id.text}};
  if (!eval.node_id.empty()) lines.emplace_back("Node ID", shown_id(eval.node_id.text, verbose));
  lines.emplace_back("Priority", std::to_string(eval.priority));
  lines.emplace_back("Placement Failures", !eval.terminal() ? "N/A - In Progress" : eval.failed_groups.empty() ? "false" : "true");
  if (eval.wait_until.at.set()) lines.emplace_back("Wait Until", absolute_time(eval.wait_until.at));
  if (verbose)
    lines.insert(lines.end(), {{"Previous Eval", eval.previous_eval.text}, {"Next Eval", eval.next_eval.text}, {"Blocked Eval", eval.blocked_eval.text}});
  context.ui.out(key_values(lines));
  if (eval.failed_groups.empty()) return;
  std::string text = "\nFailed Placements";
  for (const auto& [group, metric] : eval.failed_groups) {
    const auto failures = metric.coalesced_failures + 1;
    text += "\nTask Group \"" + group + "\" (failed to place " + std::to_string(failures) + " allocation" + (failures > 1 ? "s" : "") + "):";
    for (const auto& line : metric_lines(metric, "  ")) text += "\n" + line;
  }
  context.ui.out(text);
  if (!eval.blocked_eval.empty())
    context.ui.out("\nEvaluation \"" + shown_id(eval.blocked_eval.text, verbose) + "\" waiting for additional capacity to place remainder");
}

}  // namespace

int eval_monitor(const Context& context, Arguments arguments) {
  Flags flags;
  Api api;
  api.add_flags(flags);
  const auto words = flags.parse(arguments);
  if (!words.ok()) return usage_error(context, words.error().detail, help::kEvalMonitor);
  if (words->size() != 1) return fail(context, help::kEvalMonitor);
  if (const auto connected = api.connect(context); !connected.ok()) return fail(context, connected.error().detail);
  const auto id = resolve(api, kEvals, words->front());
  if (!id.ok()) return fail(context, "==> Error reading evaluation: " + id.error().detail);
  return monitor(context, api, *id, {});
}

int eval_status(const Context& context, Arguments arguments) {
  bool follow = false, verbose = false, json = false;
  Flags flags;
  Api api;
  api.add_flags(flags);
  flags.boolean("monitor", follow).boolean("verbose", verbose).boolean("json", json);
  const auto words = flags.parse(arguments);
  if (!words.ok()) return usage_error(context, words.error().detail, help::kEvalStatus);
  if (words->size() != 1) return fail(context, "This command takes one argument: <evaluation>\nFor additional help try 'nomad eval status -help'");
  if (const auto connected = api.connect(context); !connected.ok()) return fail(context, connected.error().detail);
  const auto id = resolve(api, kEvals, words->front());
  if (!id.ok()) return fail(context, id.error().detail);
  if (follow) return monitor(context, api, *id, {.style = Style::v1_1_0, .verbose = verbose});
  const auto reply = api.get("/v1/evaluation/" + path_id(*id));
  if (!reply.ok()) return fail(context, "Error querying evaluation: " + reply.error().detail);
  if (json) {
    const auto text = core::json::pretty(reply->body.root().text());
    context.ui.out(text->substr(0, text->size() - 1));
    return 0;
  }
  Evaluation eval;
  if (const auto decoded = core::decode(reply->body.root(), eval); !decoded.ok())
    return fail(context, "Error querying evaluation: " + decoded.error().detail);
  show(context, eval, verbose);
  return 0;
}

}  // namespace cli
