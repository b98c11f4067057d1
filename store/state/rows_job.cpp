// SPDX-License-Identifier: MPL-2.0
// job and job_version. A version's `doc` is the job less what changes while it is current; for the current
// version those members are in `job`, for older ones as they were last. Members that have their usual value
// are left out of it too: jobs are written far more often than read, and seven of ten members are usual.
#include <algorithm>

#include "store/state/rows.h"
#include "store/state/splice.h"

namespace store::state {
namespace {

using core::Errc;
using core::Error;

Status put_job(Connection& db, const model::Job& job, const model::JobSummary& summary) {
  const auto stub =
      without(model::job_stub_to_api(job, {}), {"Status", "StatusDescription", "JobSummary", "ModifyIndex"});
  TRY(db.run("INSERT INTO job (namespace, id, parent_id, type, priority, version, stop, status, status_description,"
             " submit_time, create_index, modify_index, job_modify_index, summary, summary_index, stub)"
             " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)"
             " ON CONFLICT (namespace, id) DO UPDATE SET parent_id = excluded.parent_id, type = excluded.type,"
             " priority = excluded.priority, version = excluded.version, stop = excluded.stop,"
             " status = excluded.status, status_description = excluded.status_description,"
             " submit_time = excluded.submit_time, create_index = excluded.create_index,"
             " modify_index = excluded.modify_index, job_modify_index = excluded.job_modify_index,"
             " summary = excluded.summary, summary_index = excluded.summary_index, stub = excluded.stub",
             job.ns, job.id.text, job.parent_id, job.type, job.priority, job.version, job.stop,
             core::to_word(job.status), job.status_description, job.submit_time.ns, job.create_index.value,
             job.modify_index.value, job.job_modify_index.value, core::to_json(summary), summary.modify_index.value,
             stub));
  return core::ok_status();
}

Status update_job(Connection& db, const model::Job& job, const model::JobSummary& summary) {
  TRY(db.run("UPDATE job SET status = ?3, status_description = ?4, modify_index = ?5, summary = ?6,"
             " summary_index = ?7 WHERE namespace = ?1 AND id = ?2",
             job.ns, job.id.text, core::to_word(job.status), job.status_description, job.modify_index.value,
             core::to_json(summary), summary.modify_index.value));
  return core::ok_status();
}

Status insert_version(Connection& db, const model::JobKey& key, const Version& v) {
  ASSERT(v.body != nullptr);
  const auto doc =
      without(core::to_compact_json(*v.body), {"Status", "StatusDescription", "Stable", "ModifyIndex"});
  TRY(db.run("INSERT INTO job_version (namespace, job_id, job_modify_index, version, listed, stable, status,"
             " status_description, modify_index, doc) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
             key.ns, key.id.text, v.job_modify_index.value, v.number, v.listed, v.stable, core::to_word(v.status),
             v.status_description, v.modify_index.value, doc));
  return core::ok_status();
}

Status update_version(Connection& db, const model::JobKey& key, const Version& v) {
  TRY(db.run("UPDATE job_version SET listed = ?4, stable = ?5, status = ?6, status_description = ?7,"
             " modify_index = ?8 WHERE namespace = ?1 AND job_id = ?2 AND job_modify_index = ?3",
             key.ns, key.id.text, v.job_modify_index.value, v.listed, v.stable, core::to_word(v.status),
             v.status_description, v.modify_index.value));
  return core::ok_status();
}

Status write_versions(Connection& db, const JobWrites& job) {
  const auto& key = job.key;
  for (const auto index : job.mark.dropped)
    TRY(db.run("DELETE FROM job_version WHERE namespace = ?1 AND job_id = ?2 AND job_modify_index = ?3", key.ns,
               key.id.text, index.value));
  for (const auto& version : job.versions) TRY(version.stored ? update_version(db, key, version) : insert_version(db, key, version));
  return core::ok_status();
}

constexpr const char* kVersionColumns =
    "SELECT namespace, job_id, job_modify_index, version, listed, doc, status, status_description,"
    " stable, modify_index FROM job_version";

Result<Version> read_version(const Query& row) {
  Version v{.job_modify_index = {row.unsigned_integer(2)}, .number = row.unsigned_integer(3),
            .listed = row.integer(4) != 0, .body = nullptr, .status_description = std::string(row.text(7)),
            .stable = row.integer(8) != 0, .modify_index = {row.unsigned_integer(9)}, .stored = true,
            .changed = false};
  TRY(read_word(row.text(6), v.status));
  return v;
}

// What job lists need and the document does not hold.
Status load_current(Connection& db, model::Cluster& cluster, Books& books) {
  Loaded loaded(cluster);
  TRY(auto rows, db.query("SELECT namespace, id, status, status_description, modify_index, job_modify_index, summary"
                          " FROM job"));
  for (;;) {
    TRY(const bool more, rows.step());
    if (!more) return core::ok_status();
    const model::JobKey key{std::string(rows.text(0)), {std::string(rows.text(1))}};
    auto& book = books.jobs[key];
    TRY(read_json(rows.text(6), book.summary));
    auto* const version = book.version({rows.unsigned_integer(5)});
    if (version == nullptr || !version->listed || version != &book.versions.back())
      return Error{Errc::corrupt, db.path() + ": job " + key.id.text + " lacks its current version"};
    TRY(version->body, load_version(db, key, version->job_modify_index));
    auto job = *version->body;
    TRY(read_word(rows.text(2), job.status));
    job.status_description = rows.text(3);
    job.modify_index = {rows.unsigned_integer(4)};
    const auto index = job.modify_index;
    loaded.add(index, model::JobChanged{std::make_shared<const model::Job>(std::move(job))});
  }
}

}  // namespace

Status write_job(Connection& db, const JobWrites& job) {
  const auto& mark = job.mark;
  TRY(write_versions(db, job));
  if (mark.now) return mark.whole ? put_job(db, *mark.now, job.summary) : update_job(db, *mark.now, job.summary);
  if (!mark.fresh) TRY(db.run("DELETE FROM job WHERE namespace = ?1 AND id = ?2", job.key.ns, job.key.id.text));
  return core::ok_status();
}

Status load_jobs(Connection& db, model::Cluster& cluster, Books& books) {
  {
    TRY(auto rows, db.query(std::string(kVersionColumns) + " ORDER BY namespace, job_id, job_modify_index"));
    for (;;) {
      TRY(const bool more, rows.step());
      if (!more) break;
      TRY(auto version, read_version(rows));
      const model::JobKey key{std::string(rows.text(0)), {std::string(rows.text(1))}};
      books.jobs[key].versions.push_back(std::move(version));
    }
  }
  return load_current(db, cluster, books);
}

Result<model::JobPtr> load_version(Connection& db, const model::JobKey& job, Index job_modify_index) {
  TRY(auto row, db.query(std::string(kVersionColumns) +
                             " WHERE namespace = ?1 AND job_id = ?2 AND job_modify_index = ?3",
                         job.ns, job.id.text, job_modify_index.value));
  TRY(const bool found, row.step());
  if (!found)
    return Error{Errc::corrupt, db.path() + ": job " + job.id.text + " lacks the version of index " +
                                    to_string(job_modify_index)};
  return read_job(row, 5);
}

Result<model::JobPtr> read_job(const Query& row, int doc) {
  auto job = std::make_shared<model::Job>();
  TRY(read_json(row.text(doc), *job));
  TRY(read_word(row.text(doc + 1), job->status));
  job->status_description = row.text(doc + 2);
  job->stable = row.integer(doc + 3) != 0;
  job->modify_index = {row.unsigned_integer(doc + 4)};
  return model::JobPtr(std::move(job));
}

}  // namespace store::state
