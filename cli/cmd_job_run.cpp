// SPDX-License-Identifier: MPL-2.0
#include <cstdio>

#include "cli/api.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/job_file.h"
#include "cli/lookup.h"
#include "cli/monitor.h"
#include "core/base/fields.h"

namespace cli {
namespace {

struct RunFlags {
  bool detach = false, output = false, hcl1 = false, preserve = false, verbose = false;
  std::string check_index;
  JobFileOptions file;
};

struct Registered {
  core::EvalId eval;
  std::string warnings;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("EvalID", self.eval);
    visit("Warnings", self.warnings);
  }
};

core::Result<std::string> request_body(const core::model::Job& job, const RunFlags& flags) {
  core::json::Writer w;
  w.begin_object();
  w.key("Job");
  w.raw(core::model::job_to_api(job));
  if (!flags.check_index.empty()) {
    std::uint64_t index = 0;
    if (std::sscanf(flags.check_index.c_str(), "%lu", &index) != 1)
      return core::Error{core::Errc::invalid, "Error parsing check-index value \"" + flags.check_index + "\""};
    w.key("EnforceIndex");
    w.boolean(true);
    w.key("JobModifyIndex");
    w.uint64(index);
  }
  if (flags.preserve) {
    w.key("PreserveCounts");
    w.boolean(true);
  }
  w.end_object();
  return w.take();
}

int not_submitted(const Context& context, const std::string& detail) {
  constexpr std::string_view kEnforcing = "Enforcing job modify index";
  const auto at = detail.find(kEnforcing);
  if (at == std::string::npos) return fail(context, "Error submitting job: " + detail);
  auto text = detail.substr(at);
  if (text.ends_with(')')) text.pop_back();
  context.ui.err(text);
  return fail(context, "Job not updated");
}

}  // namespace

int job_run(const Context& context, Arguments arguments, Style style) {
  RunFlags run;
  Flags flags;
  Api api;
  api.add_flags(flags);
  std::string unused;
  bool unused_flag = false;
  flags.boolean("detach", run.detach).boolean("output", run.output).boolean("hcl1", run.file.hcl1);
  flags.boolean("preserve-counts", run.preserve).boolean("verbose", run.verbose).boolean("policy-override", unused_flag);
  flags.text("check-index", run.check_index).list("var", run.file.variables).list("var-file", run.file.variable_files);
  flags.text("consul-token", unused).text("vault-token", unused).text("vault-namespace", unused);
  const auto words = flags.parse(arguments);
  if (!words.ok()) return usage_error(context, words.error().detail, help::kRun);
  if (words->size() != 1) return fail(context, style == Style::v0_1_2 ? std::string(help::kRun) : "This command takes one argument: <path>\nFor additional help try 'nomad job run -help'");
  auto job = read_job(words->front(), run.file, style);
  if (!job.ok()) return fail(context, job.error().detail);
  if (run.output) {
    auto body = core::json::pretty("{\"Job\":" + core::model::job_to_api(*job) + "}");
    if (!body.ok()) return fail(context, "Error converting job: " + body.error().detail);
    context.ui.out(body->substr(0, body->size() - 1));
    return 0;
  }
  auto checked = *job;
  core::model::canonicalize(checked, "global");
  if (const auto errors = core::model::validate(checked); !errors.empty())
    return fail(context, "Error validating job: " + core::model::multi_error(errors));
  if (const auto connected = api.connect(context); !connected.ok()) return fail(context, connected.error().detail);
  const auto body = request_body(*job, run);
  if (!body.ok()) return fail(context, body.error().detail);
  // What becomes of it is asked where it goes. "global" is the agent's own region to who takes jobs.
  if (!job->region.empty() && job->region != "global") api.use_region(job->region);
  const auto reply = api.put("/v1/jobs", *body);
  if (!reply.ok()) return not_submitted(context, reply.error().detail);
  Registered registered;
  if (const auto decoded = core::decode(reply->body.root(), registered); !decoded.ok())
    return fail(context, "Error submitting job: " + decoded.error().detail);
  if (!registered.warnings.empty()) context.ui.out("Job Warnings:\n" + registered.warnings);
  if (run.detach || registered.eval.empty()) {
    context.ui.out("Job registration successful");
    if (!registered.eval.empty()) context.ui.out("Evaluation ID: " + registered.eval.text);
    return 0;
  }
  return monitor(context, api, registered.eval.text, {.style = style, .verbose = run.verbose});
}

int job_stop(const Context& context, Arguments arguments, Style style) {
  bool detach = false, purge = false, yes = false, verbose = false, global = false;
  Flags flags;
  Api api;
  api.add_flags(flags);
  flags.boolean("detach", detach).boolean("purge", purge).boolean("yes", yes).boolean("verbose", verbose).boolean("global", global);
  const auto words = flags.parse(arguments);
  if (!words.ok()) return usage_error(context, words.error().detail, help::kStop);
  if (words->size() != 1) return fail(context, style == Style::v0_1_2 ? std::string(help::kStop) : "This command takes one argument: <job>\nFor additional help try 'nomad job stop -help'");
  if (const auto connected = api.connect(context); !connected.ok()) return fail(context, connected.error().detail);
  const auto id = resolve(api, kJobs, words->front());
  if (!id.ok()) {
    if (style == Style::v0_1_2 && id.error().code == core::Errc::not_found)
      return fail(context, "Error deregistering job: Unexpected response code: 404 (job not found)");
    return fail(context, id.error().detail);
  }
  if (*id != words->front() && !yes)
    if (const auto end = unless_confirmed(context, "Are you sure you want to stop job \"" + *id + "\"?", "Cancelling job stop")) return *end;
  Api::Parameters parameters;
  if (purge) parameters.emplace_back("purge", "true");
  const auto reply = api.remove("/v1/job/" + path_id(*id), parameters);
  if (!reply.ok()) return fail(context, "Error deregistering job: " + reply.error().detail);
  Registered stopped;
  if (const auto decoded = core::decode(reply->body.root(), stopped); !decoded.ok())
    return fail(context, "Error deregistering job: " + decoded.error().detail);
  if (stopped.eval.empty()) return 0;
  if (detach) return context.ui.out(stopped.eval.text), 0;
  return monitor(context, api, stopped.eval.text, {.style = style, .verbose = verbose});
}

}  // namespace cli
