// SPDX-License-Identifier: MPL-2.0
#include "core/server/commands.h"

namespace core::server {
namespace {

bool launches_children(const model::Job& job) { return !job.periodic.text.empty() || !job.parameterized.text.empty(); }

Status check_job(const model::Job& job) {
  const auto errors = model::validate(job);
  if (errors.empty()) return Unit{};
  return Error{Errc::rejected, model::multi_error(errors)};
}

// What may not change from one version of a job to the next.
Status check_update(const model::Job& stored, const model::Job& wanted) {
  if (stored.type != wanted.type)
    return Error{Errc::rejected, "cannot update job from type \"" + stored.type + "\" to \"" + wanted.type + "\""};
  return Unit{};
}

}  // namespace

model::Evaluation make_eval(const model::Job& job, std::string_view triggered_by, Setting& s) {
  model::Evaluation eval;
  eval.id = EvalId{s.eval_ids.draw(s.rng)};
  eval.ns = job.ns;
  eval.priority = job.priority;
  eval.type = job.type;
  eval.triggered_by = triggered_by;
  eval.job_id = job.id;
  eval.job_modify_index = job.modify_index;
  eval.create_time = eval.modify_time = s.now;
  return eval;
}

Result<Prepared> prepare(RegisterJob&& command, Setting& s) {
  model::JobRegistered event{.job = std::move(command.job), .evals = {}, .enforce_index = command.enforce_index,
                             .job_modify_index = command.job_modify_index,
                             .preserve_counts = command.preserve_counts};
  auto& job = event.job;
  model::canonicalize(job, s.region);
  TRY(check_job(job));
  if (const auto stored = s.view.job(model::key(job))) TRY(check_update(*stored, job));
  job.consul_token.clear();
  job.vault_token.clear();
  job.stop = false;
  job.status = model::JobStatus::pending;
  job.submit_time = s.now;
  Answer answer;
  if (!launches_children(job)) {
    event.evals.push_back(make_eval(job, model::trigger::kJobRegister, s));
    answer.eval_id = event.evals.back().id;
  }
  return Prepared(Write{std::move(event), std::move(answer)});
}

Result<Prepared> prepare(const DeregisterJob& command, Setting& s) {
  if (command.job.id.empty()) return Error{Errc::rejected, "missing job ID for deregistering"};
  model::JobDeregistered event{.job = command.job, .purge = command.purge, .evals = {}};
  // An unknown job is stopped all the same: the evaluation stops whatever is left of it.
  model::Job gone;
  gone.ns = command.job.ns;
  gone.id = command.job.id;
  const auto stored = s.view.job(command.job);
  Answer answer;
  if (!stored || !launches_children(*stored)) {
    event.evals.push_back(make_eval(stored ? *stored : gone, model::trigger::kJobDeregister, s));
    answer.eval_id = event.evals.back().id;
  }
  return Prepared(Write{std::move(event), std::move(answer)});
}

Result<Prepared> prepare(const EvaluateJob& command, Setting& s) {
  const auto job = s.view.job(command.job);
  if (!job) return Error{Errc::rejected, "job not found"};
  if (!job->periodic.text.empty()) return Error{Errc::rejected, "can't evaluate periodic job"};
  if (!job->parameterized.text.empty()) return Error{Errc::rejected, "can't evaluate parameterized job"};
  model::EvalsUpdated event{{make_eval(*job, model::trigger::kJobRegister, s)}};
  Answer answer;
  answer.eval_id = event.evals.back().id;
  answer.job_modify_index = job->job_modify_index;
  return Prepared(Write{std::move(event), std::move(answer)});
}

Result<Prepared> prepare(const StopAlloc& command, Setting& s) {
  const auto alloc = s.view.alloc(command.alloc);
  if (!alloc) return Error{Errc::not_found, "allocation not found"};
  model::AllocTransitionsSet event;
  event.allocs[alloc->id] = {.migrate = true, .reschedule = std::nullopt, .force_reschedule = std::nullopt};
  event.evals.push_back(make_eval(*alloc->job, model::trigger::kAllocStop, s));
  Answer answer;
  answer.eval_id = event.evals.back().id;
  return Prepared(Write{std::move(event), std::move(answer)});
}

}  // namespace core::server
