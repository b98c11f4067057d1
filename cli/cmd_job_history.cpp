// SPDX-License-Identifier: MPL-2.0
// What became of a job and what is to become of it: its versions, and a new evaluation.
#include "cli/api.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/lookup.h"
#include "cli/monitor.h"
#include "core/base/fields.h"
#include "core/model/job.h"

namespace cli {
namespace {

using core::model::Job;

struct HistoryFlags {
  bool full = false, json = false;
  std::string version;
};

std::string indented(const std::string& json) {
  const auto text = core::json::pretty(json);
  return text.ok() ? text->substr(0, text->size() - 1) : json;
}

void show_version(const Context& context, core::json::Value value, const Job& job, bool full) {
  std::vector<std::pair<std::string, std::string>> lines{
      {"Version", std::to_string(job.version)}, {"Stable", job.stable ? "true" : "false"}, {"Submit Date", absolute_time(job.submit_time)}};
  if (full) lines.emplace_back("Full", "JSON Job:\n" + indented(value.text()));
  context.ui.out(key_values(lines));
}

int show(const Context& context, core::json::Value versions, const HistoryFlags& flags) {
  if (flags.json && flags.version.empty()) return context.ui.out(indented(versions.text())), 0;
  bool any = false;
  for (std::size_t i = 0; i < versions.size(); ++i) {
    Job job;
    if (const auto decoded = core::decode(versions.element(i), job); !decoded.ok()) return fail(context, "Error retrieving job versions: " + decoded.error().detail);
    if (!flags.version.empty() && std::to_string(job.version) != flags.version) continue;
    if (any) context.ui.out("");
    any = true;
    if (flags.json) context.ui.out(indented(versions.element(i).text()));
    else show_version(context, versions.element(i), job, flags.full);
  }
  return any ? 0 : fail(context, "version " + flags.version + " of the job is not known");
}

}  // namespace

int job_history(const Context& context, Arguments arguments) {
  HistoryFlags history;
  Flags flags;
  Api api;
  api.add_flags(flags);
  flags.boolean("full", history.full).boolean("json", history.json).text("version", history.version);
  const auto words = flags.parse(arguments);
  if (!words.ok()) return usage_error(context, words.error().detail, help::kJobHistory);
  if (words->size() != 1) return fail(context, "This command takes one argument: <job>\nFor additional help try 'nomad job history -help'");
  if (history.json && history.full) return fail(context, "-json and -full are mutually exclusive");
  if (const auto connected = api.connect(context); !connected.ok()) return fail(context, connected.error().detail);
  const auto id = resolve(api, kJobs, words->front());
  if (!id.ok()) return fail(context, id.error().detail);
  const auto reply = api.get("/v1/job/" + path_id(*id) + "/versions");
  if (!reply.ok()) return fail(context, "Error retrieving job versions: " + reply.error().detail);
  auto versions = reply->body.root();
  if (versions.kind() == core::json::Kind::object) versions = versions.find("Versions").value;
  return show(context, versions, history);
}

int job_eval(const Context& context, Arguments arguments) {
  bool detach = false, verbose = false;
  Flags flags;
  Api api;
  api.add_flags(flags);
  flags.boolean("detach", detach).boolean("verbose", verbose);
  const auto words = flags.parse(arguments);
  if (!words.ok()) return usage_error(context, words.error().detail, help::kJobEval);
  if (words->size() != 1) return fail(context, "This command takes one argument: <job>\nFor additional help try 'nomad job eval -help'");
  if (const auto connected = api.connect(context); !connected.ok()) return fail(context, connected.error().detail);
  const auto id = resolve(api, kJobs, words->front());
  if (!id.ok()) return fail(context, id.error().detail);
  const auto reply = api.put("/v1/job/" + path_id(*id) + "/evaluate", "");
  if (!reply.ok()) return fail(context, "Error evaluating job: " + reply.error().detail);
  const auto eval = reply->body.root().find("EvalID");
  if (!eval.present || eval.value.kind() != core::json::Kind::string) return fail(context, "Error evaluating job: the answer names no evaluation");
  const std::string eval_id(eval.value.string());
  if (detach) return context.ui.out("Created eval ID: \"" + shown_id(eval_id, verbose) + "\" "), 0;
  return monitor(context, api, eval_id, {.style = Style::v1_1_0, .verbose = verbose});
}

}  // namespace cli
