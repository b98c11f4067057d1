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

// Of `job`, as proved() lists it.
constexpr int kStatus = 7, kModifyIndex = 11, kJobModifyIndex = 12, kSummary = 13, kSummaryIndex = 14, kStub = 15;
// Where the columns of job_version begin behind those of `job`.
constexpr int kVersion = kJobRow.count + 1;

// Versions with their job.
std::string select_versions() {
  return "SELECT " + proved(kJobRow, "j") + ", " + proved(kVersionRow, "v") +
         " FROM job j JOIN job_version v ON v.namespace = j.namespace AND v.job_id = j.id WHERE j.namespace = ?1 AND j.id = ?2";
}

// What changes is in the job's own row while a version is the current one.
Result<model::Job> read_version_of_job(const Query& row) {
  TRY(check_row(row, kJobRow));
  TRY(auto job, read_job(row, kVersion));
  if (row.integer(kVersion + 2) != row.integer(kJobModifyIndex)) return job;
  TRY(read_word(row.text(kStatus), job.status));
  job.status_description = row.text(kStatus + 1);
  job.modify_index = {row.unsigned_integer(kModifyIndex)};
  return job;
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
  TRY(auto rows, db.query("SELECT " + proved(kJobRow) + " FROM job WHERE (namespace, id) >= (?1, ?2) AND id >= ?3 AND id < ?4"
                          " AND (?5 = '*' OR namespace = ?5) ORDER BY namespace, id",
                          first.ns, first.id.text, range.from, range.below, options.ns));
  for (;;) {
    TRY(const bool more, rows.step());
    if (!more || !page.begin_item(token(rows.text(0), rows.text(1)))) break;
    TRY(check_row(rows, kJobRow));
    ObjectText(page.out(), rows.text(kStub))
        .text("Status", rows.text(kStatus))
        .text("StatusDescription", rows.text(kStatus + 1))
        .number("ModifyIndex", rows.integer(kModifyIndex))
        .json("JobSummary", rows.text(kSummary))
        .close();
  }
  return std::move(page).finish(std::max(jobs, summaries));
}

Result<Answer> get_job(Connection& db, const model::JobKey& job, Shape shape) {
  {
    TRY(auto row, db.query(select_versions() + " AND v.job_modify_index = j.job_modify_index", job.ns, job.id.text));
    TRY(const bool found, row.step());
    if (found) {
      TRY(const auto read, read_version_of_job(row));
      return Answer{.json = model::job_to_api(read, shape), .index = read.modify_index};
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
    TRY(auto rows, db.query(select_versions() + " AND v.listed ORDER BY v.job_modify_index DESC", job.ns, job.id.text));
    for (;;) {
      TRY(const bool more, rows.step());
      if (!more) break;
      TRY(const auto version, read_version_of_job(rows));
      newest = std::max(newest, version.modify_index);
      page.begin_item({});
      page.out() += model::job_to_api(version);
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
  TRY(auto rows, db.query("SELECT " + proved(kJobRow) + " FROM job ORDER BY namespace, id LIMIT ?1", jobs_max));
  for (;;) {
    TRY(const bool more, rows.step());
    if (!more) break;
    TRY(check_row(rows, kJobRow));
    TRY(read_json(rows.text(kSummary), out.jobs.emplace_back()));
  }
  return std::optional(std::move(out));
}

Result<Answer> get_job_summary(Connection& db, const model::JobKey& job) {
  {
    TRY(auto row, db.query("SELECT " + proved(kJobRow) + " FROM job WHERE namespace = ?1 AND id = ?2", job.ns, job.id.text));
    TRY(const bool found, row.step());
    if (found) {
      TRY(check_row(row, kJobRow));
      return Answer{.json = std::string(row.text(kSummary)), .index = at_least_one({row.unsigned_integer(kSummaryIndex)})};
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
  auto version = load_version(db_, key, job_modify_index);
  if (!version.ok()) return within("an allocation of job " + key.id.text, std::move(version).error());
  key_ = key;
  job_modify_index_ = job_modify_index;
  json_.clear();
  decoded_ = std::move(version).value();
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
