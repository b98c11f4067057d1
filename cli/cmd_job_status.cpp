// SPDX-License-Identifier: MPL-2.0
#include <algorithm>

#include "cli/alloc_stub.h"
#include "cli/api.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/lookup.h"
#include "cli/monitor.h"
#include "core/base/fields.h"

namespace cli {
namespace {

using core::model::Evaluation;
using core::model::Job;

struct StatusFlags {
  bool brief = false, evals = false, verbose = false, all = false;
};

template <class T>
core::Result<std::vector<T>> list(const Api& api, const std::string& path) {
  TRY(const auto reply, api.get(path));
  std::vector<T> items;
  if (!reply.body.root().is_null()) TRY(core::decode(reply.body.root(), items));
  std::stable_sort(items.begin(), items.end(), [](const T& a, const T& b) { return a.create_index > b.create_index; });
  return items;
}

std::string status_text(const Job& job) {
  return std::string(core::to_word(job.status)) + (job.stop ? " (stopped)" : "");
}

int list_jobs(const Context& context, const Api& api, Style style) {
  const auto reply = api.get("/v1/jobs");
  if (!reply.ok()) return fail(context, "Error querying jobs: " + reply.error().detail);
  std::vector<Job> jobs;
  if (!reply->body.root().is_null())
    if (const auto decoded = core::decode(reply->body.root(), jobs); !decoded.ok())
      return fail(context, "Error querying jobs: " + decoded.error().detail);
  std::sort(jobs.begin(), jobs.end(), [](const Job& a, const Job& b) { return a.id < b.id; });
  const bool modern = style == Style::v1_1_0;
  if (jobs.empty()) return modern ? (context.ui.out("No running jobs"), 0) : 0;
  std::vector<Row> rows{{"ID", "Type", "Priority", "Status"}};
  if (modern) rows[0].push_back("Submit Date");
  for (const auto& job : jobs) {
    rows.push_back({job.id.text, job.type, std::to_string(job.priority), status_text(job)});
    if (modern) rows.back().push_back(absolute_time(job.submit_time));
  }
  context.ui.out(table(rows));
  return 0;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : ",") + word;
  return out;
}

void show_job(const Context& context, const Job& job, Style style) {
  std::vector<std::pair<std::string, std::string>> lines{{"ID", job.id.text}, {"Name", job.name}};
  if (style == Style::v1_1_0) lines.emplace_back("Submit Date", absolute_time(job.submit_time));
  lines.insert(lines.end(), {{"Type", job.type}, {"Priority", std::to_string(job.priority)}, {"Datacenters", joined(job.datacenters)}});
  if (style == Style::v1_1_0) lines.emplace_back("Namespace", job.ns);
  lines.emplace_back("Status", status_text(job));
  if (style == Style::v1_1_0) lines.insert(lines.end(), {{"Periodic", "false"}, {"Parameterized", "false"}});
  context.ui.out(key_values(lines));
}

void show_summary(const Context& context, const Api& api, const std::string& id) {
  const auto reply = api.get("/v1/job/" + path_id(id) + "/summary");
  if (!reply.ok()) return;
  const auto root = reply->body.root();
  if (root.kind() != core::json::Kind::object) return;
  const auto groups = root.find("Summary");
  if (!groups.present || groups.value.kind() != core::json::Kind::object) return;
  std::vector<Row> rows{{"Task Group", "Queued", "Starting", "Running", "Failed", "Complete", "Lost"}};
  for (std::size_t i = 0; i < groups.value.size(); ++i) {
    std::map<std::string, std::int64_t> counts;
    if (!core::decode(groups.value.member(i), counts).ok()) continue;
    Row row{std::string(groups.value.name(i))};
    for (std::size_t column = 1; column < rows[0].size(); ++column) row.push_back(std::to_string(counts[rows[0][column]]));
    rows.push_back(std::move(row));
  }
  std::sort(rows.begin() + 1, rows.end());
  context.ui.out("\nSummary\n" + table(rows));
}

void show_evals(const Context& context, const std::vector<Evaluation>& evals, Style style, bool verbose) {
  const bool modern = style == Style::v1_1_0;
  std::vector<Row> rows{{"ID", "Priority", modern ? "Triggered By" : "TriggeredBy", "Status"}};
  if (modern) rows[0].push_back("Placement Failures");
  for (const auto& eval : evals) {
    rows.push_back({shown_id(eval.id.text, !modern || verbose), std::to_string(eval.priority), eval.triggered_by,
                    std::string(core::to_word(eval.status))});
    if (modern) rows.back().push_back(!eval.terminal() ? "N/A - In Progress" : eval.failed_groups.empty() ? "false" : "true");
  }
  context.ui.out((modern ? "\nEvaluations\n" : "\n==> Evaluations\n") + table(rows));
}

void show_failures(const Context& context, const std::vector<Evaluation>& evals) {
  const auto blocked = std::find_if(evals.begin(), evals.end(), [](const Evaluation& eval) {
    return eval.status == core::model::EvalStatus::blocked && !eval.failed_groups.empty();
  });
  const auto failed = std::find_if(evals.begin(), evals.end(), [](const Evaluation& eval) { return !eval.failed_groups.empty(); });
  const bool waiting = std::any_of(evals.begin(), evals.end(), [](const Evaluation& eval) {
    return eval.status == core::model::EvalStatus::blocked;
  });
  if (!waiting || failed == evals.end()) return;
  const auto& shown = blocked != evals.end() ? *blocked : *failed;
  std::string text = "\nPlacement Failure";
  for (const auto& [group, metric] : shown.failed_groups) {
    text += "\nTask Group \"" + group + "\":";
    for (const auto& line : metric_lines(metric, "  ")) text += "\n" + line;
  }
  context.ui.out(text);
}

void show_allocs_old(const Context& context, const std::vector<AllocStub>& allocs) {
  std::vector<Row> rows{{"ID", "EvalID", "NodeID", "TaskGroup", "Desired", "Status"}};
  for (const auto& alloc : allocs)
    rows.push_back({alloc.id.text, alloc.eval_id, alloc.node_id, alloc.task_group, alloc.desired_status, alloc.client_status});
  context.ui.out("\n==> Allocations\n" + table(rows));
}

void show_allocs(const Context& context, const std::vector<AllocStub>& allocs, bool verbose) {
  if (allocs.empty()) return context.ui.out("\nAllocations\nNo allocations placed");
  const auto time = [&](core::WallTime t) { return verbose ? absolute_time(t) : relative_time(t, context.now()); };
  std::vector<Row> rows;
  if (verbose) rows.push_back({"ID", "Eval ID", "Node ID", "Node Name", "Task Group", "Version", "Desired", "Status", "Created", "Modified"});
  else rows.push_back({"ID", "Node ID", "Task Group", "Version", "Desired", "Status", "Created", "Modified"});
  for (const auto& alloc : allocs) {
    Row row{shown_id(alloc.id.text, verbose)};
    if (verbose) row.push_back(alloc.eval_id);
    row.push_back(shown_id(alloc.node_id, verbose));
    if (verbose) row.push_back(alloc.node_name);
    row.insert(row.end(), {alloc.task_group, std::to_string(alloc.job_version), alloc.desired_status, alloc.client_status,
                           time(alloc.create_time), time(alloc.modify_time)});
    rows.push_back(std::move(row));
  }
  context.ui.out("\nAllocations\n" + table(rows));
}

int show_one(const Context& context, const Api& api, const std::string& typed, Style style, const StatusFlags& flags) {
  const auto id = resolve(api, kJobs, typed);
  if (!id.ok()) {
    if (style == Style::v0_1_2 && id.error().code == core::Errc::not_found)
      return fail(context, "Error querying job: Unexpected response code: 404 (job not found)");
    return fail(context, id.error().detail);
  }
  const auto reply = api.get("/v1/job/" + path_id(*id));
  if (!reply.ok()) return fail(context, "Error querying job: " + reply.error().detail);
  Job job;
  if (const auto decoded = core::decode(reply->body.root(), job); !decoded.ok())
    return fail(context, "Error querying job: " + decoded.error().detail);
  show_job(context, job, style);
  if (flags.brief) return 0;
  const auto evals = list<Evaluation>(api, "/v1/job/" + path_id(*id) + "/evaluations");
  if (!evals.ok()) return fail(context, "Error querying job evaluations: " + evals.error().detail);
  const auto allocs = list<AllocStub>(api, "/v1/job/" + path_id(*id) + "/allocations");
  if (!allocs.ok()) return fail(context, "Error querying job allocations: " + allocs.error().detail);
  if (style == Style::v0_1_2) {
    show_evals(context, *evals, style, true);
    show_allocs_old(context, *allocs);
    return 0;
  }
  show_summary(context, api, *id);
  if (flags.evals || flags.verbose) show_evals(context, *evals, style, flags.verbose);
  show_failures(context, *evals);
  show_allocs(context, *allocs, flags.verbose);
  return 0;
}

}  // namespace

int job_status(const Context& context, Arguments arguments, Style style) {
  StatusFlags status;
  Flags flags;
  Api api;
  api.add_flags(flags);
  flags.boolean("short", status.brief).boolean("evals", status.evals).boolean("verbose", status.verbose).boolean("all-allocs", status.all);
  const auto words = flags.parse(arguments);
  if (!words.ok()) return usage_error(context, words.error().detail, help::kStatus);
  if (words->size() > 1) return fail(context, help::kStatus);
  if (const auto connected = api.connect(context); !connected.ok()) return fail(context, connected.error().detail);
  return words->empty() ? list_jobs(context, api, style) : show_one(context, api, words->front(), style, status);
}

int job_inspect(const Context& context, Arguments arguments) {
  Flags flags;
  Api api;
  api.add_flags(flags);
  bool json = false;
  flags.boolean("json", json);
  const auto words = flags.parse(arguments);
  if (!words.ok()) return usage_error(context, words.error().detail, help::kInspect);
  if (words->size() != 1) return fail(context, "This command takes one argument: <job>\nFor additional help try 'nomad job inspect -help'");
  if (const auto connected = api.connect(context); !connected.ok()) return fail(context, connected.error().detail);
  const auto id = resolve(api, kJobs, words->front());
  if (!id.ok()) return fail(context, id.error().detail);
  const auto reply = api.get("/v1/job/" + path_id(*id));
  if (!reply.ok()) return fail(context, "Error inspecting job: " + reply.error().detail);
  const auto text = core::json::pretty("{\"Job\":" + reply->body.root().text() + "}");
  context.ui.out(text->substr(0, text->size() - 1));
  return 0;
}

}  // namespace cli
