// SPDX-License-Identifier: MPL-2.0
// Jobs: registered, stopped, purged. A new version is made only where the spec changed; what the
// proposer checked against its own view is checked again here, where the order is settled.
#include "store/state/apply.h"

namespace store::state {
namespace {

using core::Errc;
using core::Error;

Status check_enforced_index(const model::JobRegistered& event, const model::JobPtr& stored) {
  if (!event.enforce_index) return core::ok_status();
  const auto wanted = event.job_modify_index;
  const auto refuse = [&](const std::string& why) {
    return Error{Errc::rejected, "Enforcing job modify index " + to_string(wanted) + ": " + why};
  };
  if (wanted == Index{}) {
    if (stored) return refuse("job already exists");
  } else if (!stored) {
    return refuse("job does not exist");
  } else if (stored->job_modify_index != wanted) {
    return refuse("job exists with conflicting job modify index: " + to_string(stored->job_modify_index));
  }
  return core::ok_status();
}

bool given(const core::json::Raw& raw) { return !raw.text.empty() && raw.text != "null"; }

Status check_kind_kept(const char* kind, bool stored, bool wanted) {
  if (stored == wanted) return core::ok_status();
  const std::string word = kind;
  return Error{Errc::rejected, stored ? "cannot update " + word + " job to being non-" + word
                                      : "cannot update non-" + word + " job to being " + word};
}

// What may not change from one version to the next.
Status check_update(const model::Job& stored, const model::Job& wanted) {
  if (stored.type != wanted.type)
    return Error{Errc::rejected, "cannot update job from type \"" + stored.type + "\" to \"" + wanted.type + "\""};
  TRY(check_kind_kept("periodic", given(stored.periodic), given(wanted.periodic)));
  return check_kind_kept("parameterized", given(stored.parameterized), given(wanted.parameterized));
}

void preserve_counts(model::Job& job, const model::Job& stored) {
  for (auto& group : job.groups)
    if (const auto* const old = stored.group(group.name)) group.count = old->count;
}

// An evaluation of a job says which spec it is about.
void stamp(std::vector<model::Evaluation>& evals, Index job_modify_index) {
  for (auto& eval : evals) eval.job_modify_index = job_modify_index;
}

void put_stopped(const model::Job& stored, Draft& draft, std::size_t evals_coming) {
  if (stored.stop) return;
  auto job = stored;
  job.stop = true;
  draft.put_version(std::move(job), evals_coming);
}

}  // namespace

Status apply(model::JobRegistered event, Draft& draft, Applied& applied) {
  auto& job = event.job;
  if (job.id.empty()) return Error{Errc::rejected, "missing job ID for registration"};
  const auto stored = draft.job(model::key(job));
  TRY(check_enforced_index(event, stored));
  if (stored) TRY(check_update(*stored, job));

  job.consul_token.clear();
  job.vault_token.clear();
  if (!job.submit_time.set()) job.submit_time = draft.time();
  if (stored && event.preserve_counts) preserve_counts(job, *stored);
  const bool changed = !stored || stored->stop != job.stop || !model::same_spec(*stored, job);
  applied.job_modify_index = changed ? draft.index() : stored->job_modify_index;
  if (changed) draft.put_version(std::move(job), event.evals.size());
  stamp(event.evals, applied.job_modify_index);
  put_evals(std::move(event.evals), draft, applied);
  return core::ok_status();
}

Status apply(model::JobDeregistered event, Draft& draft, Applied& applied) {
  // An unknown job is no mistake: its evaluation stops whatever is left of it.
  const auto stored = draft.job(event.job);
  if (stored && event.purge) draft.remove(stored);
  else if (stored) put_stopped(*stored, draft, event.evals.size());
  applied.job_modify_index = draft.index();
  stamp(event.evals, draft.index());
  put_evals(std::move(event.evals), draft, applied);
  return core::ok_status();
}

}  // namespace store::state
