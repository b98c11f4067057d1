// SPDX-License-Identifier: MPL-2.0
// Forgetting what is over, and the birth of the cluster. Garbage collection looked at a state that is
// older than this one: what came back to life since then is left alone.
#include "store/state/apply.h"

namespace store::state {

using core::Errc;
using core::Error;

Status apply(model::Reaped event, Draft& draft, Applied&) {
  Collection removed;
  for (const auto& id : event.allocs) {
    const auto stored = draft.alloc(id);
    if (!stored || !stored->terminal()) continue;
    draft.remove(stored);
    ++removed.allocs;
  }
  for (const auto& id : event.evals) {
    const auto stored = draft.eval(id);
    if (!stored || !stored->terminal()) continue;
    draft.remove(stored);
    ++removed.evals;
  }
  for (const auto& key : event.jobs) {
    const auto stored = draft.job(key);
    if (!stored || stored->status != model::JobStatus::dead) continue;
    draft.remove(stored);
    ++removed.jobs;
  }
  draft.count_collection(event.collected_by, removed);
  return core::ok_status();
}

Status apply(model::ClusterCreated event, Draft& draft, Applied&) {
  if (!draft.books().position.cluster_id.empty())
    return Error{Errc::conflict, "the cluster was created before"};
  draft.set_cluster(std::move(event.cluster_id), std::move(event.region));
  return core::ok_status();
}

}  // namespace store::state
