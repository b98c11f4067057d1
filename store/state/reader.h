// SPDX-License-Identifier: MPL-2.0
// Answers for the HTTP API, read from state.db over a connection of its own (one a reader thread; the
// write-ahead log gives each a consistent state while the applier goes on). JSON is put together from
// what is stored as JSON already; only rare shapes decode.
//
// A list is a JSON array in order of id (jobs: namespace and id; versions: newest first), "[]" when
// there is nothing. An object that does not exist has found == false and no JSON, but an index all the
// same, so that a client can wait for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/model/job.h"
#include "core/model/job_summary.h"
#include "core/model/shape.h"
#include "core/raft/types.h"
#include "store/sqlite.h"

namespace store::state {

enum class Table : std::uint8_t;  // books.h

struct Answer {
  std::string json{};
  core::Index index{};       // for X-Nomad-Index; at least 1
  bool found = true;
  std::string next_token{};  // where the next page begins; empty on the last
};

struct ListOptions {
  std::string prefix{};
  std::string ns = "default";  // "*": all
  std::size_t per_page = 0;    // 0: everything
  std::string next_token{};    // of the page before
  bool resources = false;      // nodes, allocations: with what they offer or take
  bool task_states = true;     // allocations
  std::string job{}, status{};  // evaluations: only those
  core::model::Shape shape = core::model::Shape::current;  // v0_1_2: allocations of a job or evaluation with failed placements
};

// Opens state.db, or a snapshot of it, for reading only.
core::Result<Connection> open_reader(const std::string& path);
// The newest entry whose effects this connection would see now.
core::Result<core::raft::SnapshotMeta> read_meta(Connection& db);
// What objects last changed at, which is not the log's own number once a snapshot was restored.
core::Result<core::Index> read_index(Connection& db);

// The index at which the table last changed: what a list of it answers with.
core::Result<core::Index> last_index(Connection& db, Table table);

// A prefix that cannot be one of a UUID is Errc::rejected, in Nomad's words.
core::Result<Answer> list_nodes(Connection& db, const ListOptions& options);
core::Result<Answer> get_node(Connection& db, const core::NodeId& id, core::model::Shape shape = {});
// Full allocations, each with the job version it was placed from.
core::Result<Answer> list_node_allocs(Connection& db, const core::NodeId& id, core::model::Shape shape = {});

core::Result<Answer> list_jobs(Connection& db, const ListOptions& options);
core::Result<Answer> get_job(Connection& db, const core::model::JobKey& job, core::model::Shape shape = {});
core::Result<Answer> list_job_versions(Connection& db, const core::model::JobKey& job);
core::Result<Answer> get_job_summary(Connection& db, const core::model::JobKey& job);
// all: also what is left of an earlier job of this id, purged since.
core::Result<Answer> list_job_allocs(Connection& db, const core::model::JobKey& job, bool all,
                                     const ListOptions& options = {});
core::Result<Answer> list_job_evals(Connection& db, const core::model::JobKey& job, core::model::Shape shape = {});

core::Result<Answer> list_allocs(Connection& db, const ListOptions& options);
// An id that v0.1.2 clients were given for a failed placement is answered too, in their shape.
core::Result<Answer> get_alloc(Connection& db, const core::AllocId& id, core::model::Shape shape = {});

core::Result<Answer> list_evals(Connection& db, const ListOptions& options);
core::Result<Answer> get_eval(Connection& db, const core::EvalId& id, core::model::Shape shape = {});
core::Result<Answer> list_eval_allocs(Connection& db, const core::EvalId& id, const ListOptions& options = {});

// What telemetry tells of jobs.
struct JobCounts {
  std::map<core::model::JobStatus, std::size_t> by_status{};  // of all jobs
  std::vector<core::model::JobSummary> jobs{};                // the first in order of namespace and id
  core::Index index{};                                        // all this last changed at
};
// Nothing if it still is as it was at `known`.
core::Result<std::optional<JobCounts>> count_jobs(Connection& db, core::Index known, std::size_t jobs_max);

// Rollouts here are evaluations that follow one another (update.stagger), so there are no deployments:
// an empty list, and null where the API says null for none.
core::Result<Answer> list_deployments();
core::Result<Answer> latest_deployment();

}  // namespace store::state
