// SPDX-License-Identifier: MPL-2.0
// What the state machine remembers beside the objects themselves: where it stands in the log, which
// versions of a job exist and who still needs them, and counts that spare it from looking through a
// job's allocations and evaluations on every change. All of it is stored or counted anew at start.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/base/digest.h"
#include "core/model/alloc.h"
#include "core/model/eval.h"
#include "core/model/job.h"
#include "core/model/job_summary.h"
#include "core/model/request.h"
#include "core/raft/types.h"
#include "store/state/time_table.h"

namespace store::state {

namespace model = core::model;
namespace raft = core::raft;
using core::Index;
using core::WallTime;

// Kinds of objects whose last change is kept as an index of its own (`table_index`): what an answer
// that lists them carries as X-Nomad-Index.
enum class Table : std::uint8_t { nodes, jobs, job_summary, job_versions, evals, allocs };
constexpr std::array<std::string_view, 6> words(Table) {
  return {"nodes", "jobs", "job_summary", "job_versions", "evals", "allocs"};
}
inline constexpr std::size_t kTableCount = words(Table{}).size();

// Where the state stands; saved with the data of every batch.
struct Position {
  raft::EntryId applied;
  core::Digest digest;  // of the log's chain at `applied`
  WallTime time;        // of the entry at `applied`
  raft::Configuration configuration;
  Index configuration_index;
  std::string cluster_id, region;
  // What objects change at is the log's index and this, which is 0 until a snapshot is restored whose indexes
  // are ahead of the log's.
  std::uint64_t index_offset = 0;

  Index index() const { return {applied.index.value + index_offset}; }

  raft::SnapshotMeta meta() const {
    return {.last = applied, .digest = digest, .configuration = configuration,
            .configuration_index = configuration_index};
  }
};

// One body of a job. Named by its job_modify_index, because a job that was purged and registered again
// begins anew at version 0 while allocations of the old one may still run.
struct Version {
  Index job_modify_index;
  std::uint64_t number = 0;
  bool listed = true;        // among the newest that /v1/job/:id/versions shows
  std::uint32_t allocs = 0;  // allocations that were placed from it
  model::JobPtr body;        // null: only on disk, since nothing in memory needs it
  // As the job stood when the next version came.
  model::JobStatus status = model::JobStatus::pending;
  std::string status_description;
  bool stable = false;
  Index modify_index;
  // Against the row on disk.
  bool stored = false, changed = true;
};

struct JobBook {
  model::JobSummary summary;  // of the job as registered now
  std::uint32_t allocs = 0, live_allocs = 0, evals = 0, live_evals = 0;
  std::set<core::EvalId> blocked;
  std::vector<Version> versions;  // by job_modify_index

  Version* version(Index job_modify_index);
  bool empty() const { return allocs == 0 && evals == 0 && versions.empty(); }
};

// What garbage collection of one kind did, ever since.
struct Collection {
  Index last_index;
  WallTime last_time;
  std::uint64_t runs = 0, evals = 0, allocs = 0, jobs = 0, nodes = 0;
};

// The pieces of a snapshot that have come so far, in order and without a gap; they are in the database.
struct ComingRestore {
  std::string name;  // empty: none
  std::uint64_t size = 0;
};

struct Books {
  Position position;
  TimeTable times;
  std::map<model::JobKey, JobBook> jobs;  // also of jobs that are gone but left allocations behind
  std::map<std::string, Collection> collections;
  std::deque<model::RequestPtr> requests;  // settled, oldest first
  std::array<Index, kTableCount> table_indexes{};
  ComingRestore restore;

  // Counting: an object comes, or goes.
  void count(const model::Evaluation& eval);
  void discount(const model::Evaluation& eval);
  void count(const model::Allocation& alloc);
  // So many of one version of a job, so many of them not terminal.
  void count(const model::JobKey& job, Index job_modify_index, std::uint32_t allocs, std::uint32_t live);
  void discount(const model::Allocation& alloc);
};

// The status of a job by what there is of it. One that is dead stays so when all else is forgotten.
model::JobStatus derive_status(const model::Job& job, const JobBook& book, std::size_t evals_coming = 0);

}  // namespace store::state
