// SPDX-License-Identifier: MPL-2.0
#include <algorithm>

#include "store/state/reader_list.h"
#include "store/state/rows.h"
#include "store/state/splice.h"

namespace store::state {
namespace {

std::string token(std::string_view ns, std::string_view id) { return std::string(ns).append(".").append(id); }

bool has_lifecycles(const model::Job& job) {
  const auto has = [](const model::Task& task) { return task.lifecycle.has_value(); };
  return std::any_of(job.groups.begin(), job.groups.end(), [&](const auto& group) { return std::any_of(group.tasks.begin(), group.tasks.end(), has); });
}

// Where a list of jobs begins: a page's token names namespace and id, a namespace has no dot.
model::JobKey first_key(const ListOptions& options) {
  const auto dot = options.next_token.find('.');
  if (dot != std::string::npos) return {options.next_token.substr(0, dot), {options.next_token.substr(dot + 1)}};
  return {options.ns == "*" ? "" : options.ns, {options.prefix}};
}

}  // namespace

Result<Answer> list_jobs(Connection& db, const ListOptions& options) {
  const auto first = first_key(options);
  const auto range = prefix_range(options.prefix, "");
  TRY(auto transaction, Transaction::begin(db, Transaction::Kind::read));
  TRY(const auto jobs, table_index(db, Table::jobs));
  TRY(const auto summaries, table_index(db, Table::job_summary));
  Page page(options.per_page);
  TRY(auto rows, db.query("SELECT namespace, id, stub, status, status_description, modify_index, summary FROM job"
                          " WHERE (namespace, id) >= (?1, ?2) AND id >= ?3 AND id < ?4"
                          " AND (?5 = '*' OR namespace = ?5) ORDER BY namespace, id",
                          first.ns, first.id.text, range.from, range.below, options.ns));
  for (;;) {
    TRY(const bool more, rows.step());
    if (!more || !page.begin_item(token(rows.text(0), rows.text(1)))) break;
    ObjectText(page.out(), rows.text(2))
        .text("Status", rows.text(3))
        .text("StatusDescription", rows.text(4))
        .number("ModifyIndex", rows.integer(5))
        .json("JobSummary", rows.text(6))
        .close();
  }
  return std::move(page).finish(std::max(jobs, summaries));
}

Result<Answer> get_job(Connection& db, const model::JobKey& job, Shape shape) {
  {
    TRY(auto row, db.query("SELECT v.doc, j.status, j.status_description, v.stable, j.modify_index FROM job j"
                           " JOIN job_version v ON v.namespace = j.namespace AND v.job_id = j.id"
                           " AND v.job_modify_index = j.job_modify_index WHERE j.namespace = ?1 AND j.id = ?2",
                           job.ns, job.id.text));
    TRY(const bool found, row.step());
    if (found) {
      TRY(const auto read, read_job(row, 0));
      return Answer{.json = model::job_to_api(*read, shape), .index = read->modify_index};
    }
  }
  TRY(const auto index, table_index(db, Table::jobs));
  return missing(index);
}

Result<Answer> list_job_versions(Connection& db, const model::JobKey& job) {
  TRY(auto transaction, Transaction::begin(db, Transaction::Kind::read));
  Page page(0);
  Index newest;
  {
    TRY(auto rows, db.query("SELECT v.doc, iif(v.job_modify_index = j.job_modify_index, j.status, v.status),"
                            " iif(v.job_modify_index = j.job_modify_index, j.status_description,"
                            " v.status_description), v.stable,"
                            " iif(v.job_modify_index = j.job_modify_index, j.modify_index, v.modify_index)"
                            " FROM job j JOIN job_version v ON v.namespace = j.namespace AND v.job_id = j.id"
                            " WHERE j.namespace = ?1 AND j.id = ?2 AND v.listed ORDER BY v.job_modify_index DESC",
                            job.ns, job.id.text));
    for (;;) {
      TRY(const bool more, rows.step());
      if (!more) break;
      TRY(const auto version, read_job(rows, 0));
      newest = std::max(newest, version->modify_index);
      page.begin_item({});
      page.out() += model::job_to_api(*version);
    }
  }
  if (newest != Index{}) return std::move(page).finish(newest);
  TRY(const auto index, table_index(db, Table::job_versions));
  return missing(index);
}

Result<std::optional<JobCounts>> count_jobs(Connection& db, core::Index known, std::size_t jobs_max) {
  TRY(auto transaction, Transaction::begin(db, Transaction::Kind::read));
  TRY(const auto jobs, table_index(db, Table::jobs));
  TRY(const auto summaries, table_index(db, Table::job_summary));
  JobCounts out{.index = std::max(jobs, summaries)};
  if (out.index <= known) return std::optional<JobCounts>();
  TRY(auto statuses, db.query("SELECT status, count(*) FROM job GROUP BY status"));
  for (;;) {
    TRY(const bool more, statuses.step());
    if (!more) break;
    model::JobStatus status{};
    TRY(read_word(statuses.text(0), status));
    out.by_status[status] += static_cast<std::size_t>(statuses.integer(1));
  }
  TRY(auto rows, db.query("SELECT summary FROM job ORDER BY namespace, id LIMIT ?1", jobs_max));
  for (;;) {
    TRY(const bool more, rows.step());
    if (!more) break;
    TRY(read_json(rows.text(0), out.jobs.emplace_back()));
  }
  return std::optional(std::move(out));
}

Result<Answer> get_job_summary(Connection& db, const model::JobKey& job) {
  {
    TRY(auto row, db.query("SELECT summary, summary_index FROM job WHERE namespace = ?1 AND id = ?2", job.ns,
                           job.id.text));
    TRY(const bool found, row.step());
    if (found) {
      return Answer{.json = std::string(row.text(0)), .index = at_least_one({row.unsigned_integer(1)})};
    }
  }
  TRY(const auto index, table_index(db, Table::job_summary));
  return missing(index);
}

Result<Answer> list_deployments() { return Answer{.json = "[]", .index = at_least_one({})}; }
Result<Answer> latest_deployment() { return Answer{.json = "null", .index = at_least_one({})}; }

// ---- jobs inside allocations -------------------------------------------------------------------------

Status EmbeddedJobs::load(const model::JobKey& key, Index job_modify_index) {
  if (job_modify_index_ == job_modify_index && key_ == key) return core::ok_status();
  TRY(auto row, db_.query("SELECT doc, status, status_description, stable, modify_index FROM job_version"
                          " WHERE namespace = ?1 AND job_id = ?2 AND job_modify_index = ?3",
                          key.ns, key.id.text, job_modify_index.value));
  TRY(const bool found, row.step());
  if (!found)
    return core::Error{core::Errc::corrupt, db_.path() + ": an allocation of job " + key.id.text + " lacks its version"};
  key_ = key;
  job_modify_index_ = job_modify_index;
  json_.clear();
  TRY(decoded_, read_job(row, 0));
  return core::ok_status();
}

Result<std::string_view> EmbeddedJobs::json(const model::JobKey& key, Index job_modify_index) {
  TRY(load(key, job_modify_index));
  if (json_.empty()) json_ = model::job_to_api(*decoded_);
  return std::string_view(json_);
}

Result<model::JobPtr> EmbeddedJobs::with_lifecycles(const model::JobKey& key, Index job_modify_index) {
  TRY(load(key, job_modify_index));
  return has_lifecycles(*decoded_) ? decoded_ : nullptr;
}

}  // namespace store::state
