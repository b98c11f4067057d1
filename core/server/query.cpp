// SPDX-License-Identifier: MPL-2.0
#include "core/server/query.h"

namespace core::server {

WatchKey watch_key(const Query& query) {
  const auto job = watch_id({query.ns, JobId{query.id}});
  switch (query.ask) {
    case Ask::jobs: return {Topic::jobs, ""};
    case Ask::job:
    case Ask::job_versions: return {Topic::job, job};
    case Ask::job_summary: return {Topic::job_allocs, job};
    case Ask::job_allocs: return {Topic::job_allocs, job};
    case Ask::job_evals: return {Topic::job_evals, job};
    case Ask::nodes: return {Topic::nodes, ""};
    case Ask::node: return {Topic::node, query.id};
    case Ask::node_allocs: return {Topic::node_allocs, query.id};
    case Ask::evals: return {Topic::evals, ""};
    case Ask::eval: return {Topic::eval, query.id};
    case Ask::eval_allocs: return {Topic::eval_allocs, query.id};
    case Ask::allocs: return {Topic::allocs, ""};
    case Ask::alloc: return {Topic::alloc, query.id};
    case Ask::deployments: return {Topic::jobs, ""};
    case Ask::job_deployments:
    case Ask::job_deployment: return {Topic::job, job};
  }
  UNREACHABLE();
}

}  // namespace core::server
