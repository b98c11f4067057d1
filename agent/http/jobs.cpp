// SPDX-License-Identifier: MPL-2.0
#include "agent/http/routes.h"
#include "core/model/job.h"

namespace agent::http {
namespace {

using core::Errc;
using core::Error;
using core::server::Answer;
using core::server::Ask;
namespace json = core::json;

// Answers of all writes that may start an evaluation.
std::string eval_answer(const Answer& answer) {
  json::Writer w;
  w.begin_object();
  w.key("EvalID");
  w.string(answer.eval_id.text);
  w.key("EvalCreateIndex");
  w.uint64(answer.eval_create_index.value);
  w.key("JobModifyIndex");
  w.uint64(answer.job_modify_index.value);
  w.key("Warnings");
  w.string("");
  w.key("Index");
  w.uint64(answer.index.value);
  w.key("LastContact");
  w.uint64(0);
  w.key("KnownLeader");
  w.boolean(false);
  w.end_object();
  return w.take();
}

std::string versions_answer(const core::server::QueryAnswer& answer) {
  json::Writer w;
  w.begin_object();
  w.key("Versions");
  w.raw(*answer.json);
  w.key("Diffs");
  w.null();
  w.key("Index");
  w.uint64(answer.index.value);
  w.key("LastContact");
  w.int64(answer.last_contact.count());
  w.key("KnownLeader");
  w.boolean(answer.known_leader);
  w.end_object();
  return w.take();
}

core::Result<bool> flag(json::Value object, std::string_view name) {
  const auto found = object.find(name);
  if (!found.present || found.value.is_null()) return false;
  if (found.value.kind() != json::Kind::boolean) return Error{Errc::invalid, std::string(name) + ": expected a boolean"};
  return found.value.boolean();
}

core::Result<core::model::Job> job_in(json::Value body) {
  if (body.kind() != json::Kind::object) return Error{Errc::invalid, "expected an object"};
  const auto found = body.find("Job");
  if (!found.present || found.value.is_null()) return Error{Errc::invalid, "Job must be specified"};
  auto job = core::model::job_from_api(found.value);
  if (!job.ok()) return core::within("Job", std::move(job).error());
  return job;
}

// The region that a job is written to: the body's word for it, the query's, or the job's own. "global" is
// whichever region this agent is in, as it is for Nomad.
core::Result<std::string> region_of(const Call& call, json::Value body, const core::model::Job& job) {
  std::string region;
  if (const auto found = body.find("Region"); found.present && !found.value.is_null()) TRY(core::decode(found.value, region));
  if (region.empty()) region = call.request().query.get("region").value_or("");
  if (region.empty()) region = job.region;
  return region.empty() || region == "global" ? call.api().self.region : region;
}

core::Result<core::server::RegisterJob> registration(const Call& call) {
  TRY(const auto document, call.body());
  core::server::RegisterJob command;
  TRY(command.job, job_in(document.root()));
  if (command.job.id.empty()) return Error{Errc::invalid, "Job ID hasn't been provided"};
  TRY(command.enforce_index, flag(document.root(), "EnforceIndex"));
  TRY(command.preserve_counts, flag(document.root(), "PreserveCounts"));
  if (const auto found = document.root().find("JobModifyIndex"); found.present && !found.value.is_null())
    TRY(core::decode(found.value, command.job_modify_index));
  TRY(command.job.region, region_of(call, document.root(), command.job));
  return command;
}

core::model::JobKey key_of(const Call& call, std::string id) {
  const auto ns = call.request().query.get("namespace");
  return {ns && !ns->empty() && *ns != "*" ? std::string(*ns) : "default", core::JobId{std::move(id)}};
}

void register_job(const Call& call, const std::string& id) {
  auto command = registration(call);
  if (!command.ok()) return call.fail(command.error());
  if (!id.empty() && command->job.id.text != id) return call.fail(400, "Job ID does not match name");
  if (command->job.region != call.api().self.region) return call.pass_on(command->job.region);
  call.write(std::move(*command), eval_answer);
}

void deregister_job(const Call& call, const std::string& id) {
  auto purge = bool_parameter(call.request(), "purge", call.old_client());
  if (!purge.ok()) return call.fail(purge.error());
  call.write(core::server::DeregisterJob{.job = key_of(call, id), .purge = *purge}, eval_answer);
}

}  // namespace

void deployments(const Call& call) { call.read(Ask::deployments, "", ""); }

void jobs(const Call& call) {
  if (call.writes()) return register_job(call, "");
  if (call.elsewhere()) return;
  call.read(Ask::jobs, "", "");
}

void job(const Call& call) {
  const auto [id, action] = split(call.request().rest(), {"/evaluate", "/allocations", "/evaluations", "/summary", "/versions", "/deployments", "/deployment"});
  if (id.empty()) return call.fail(500, "missing job ID");
  if (call.writes() && action.empty()) return register_job(call, id);
  if (call.elsewhere()) return;
  if (action == "evaluate") {
    if (!call.writes()) return call.invalid_method();
    return call.write(core::server::EvaluateJob{key_of(call, id)}, eval_answer);
  }
  if (action == "allocations") return call.read(Ask::job_allocs, id, "job not found");
  if (action == "evaluations") return call.read(Ask::job_evals, id, "job not found");
  if (action == "summary") return call.read(Ask::job_summary, id, "job not found");
  if (action == "versions") return call.read(Ask::job_versions, id, "job versions not found", versions_answer);
  if (action == "deployments") return call.read(Ask::job_deployments, id, "job not found");
  if (action == "deployment") return call.read(Ask::job_deployment, id, "job not found");
  if (call.is(net::http::Method::delete_)) return deregister_job(call, id);
  call.read(Ask::job, id, "job not found");
}

void validate_job(const Call& call) {
  if (!call.writes()) return call.invalid_method();
  auto document = call.body();
  if (!document.ok()) return call.fail(document.error());
  auto job = job_in(document->root());
  if (!job.ok()) return call.fail(job.error());
  core::model::canonicalize(*job, call.api().self.region);
  const auto errors = core::model::validate(*job);
  json::Writer w;
  w.begin_object();
  w.key("DriverConfigValidated");
  w.boolean(true);
  w.key("ValidationErrors");
  core::encode(w, errors);
  w.key("Error");
  w.string(errors.empty() ? "" : core::model::multi_error(errors));
  w.key("Warnings");
  w.string("");
  w.end_object();
  call.ok(w.take());
}

}  // namespace agent::http
