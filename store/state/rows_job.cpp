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

// Of `job` and of job_version, as proved() lists them.
constexpr int kStub = 15, kVersionDoc = 9;

template <class Take>
auto with_values(const model::Job& job, const model::JobSummary& summary, std::string_view stub, Take&& take) {
  return take({job.ns, job.id.text, job.parent_id, job.type, job.priority, job.version, job.stop,
               core::to_word(job.status), job.status_description, job.submit_time.ns, job.create_index.value,
               job.modify_index.value, job.job_modify_index.value, core::to_json(summary), summary.modify_index.value, stub});
}

Status put_job(RowWriter& rows, const model::Job& job, const model::JobSummary& summary, bool fresh) {
  const auto stub =
      without(model::job_stub_to_api(job, {}), {"Status", "StatusDescription", "JobSummary", "ModifyIndex"});
  return with_values(job, summary, stub, [&](std::initializer_list<Bound> values) -> Status {
    if (fresh) TRY(rows.insert(kJobRow, values));
    if (fresh) return core::ok_status();
    return rows.update(kJobRow,
                       "UPDATE job SET parent_id = ?3, type = ?4, priority = ?5, version = ?6, stop = ?7, status = ?8,"
                       " status_description = ?9, submit_time = ?10, create_index = ?11, modify_index = ?12,"
                       " job_modify_index = ?13, summary = ?14, summary_index = ?15, stub = ?16, digest = ?18"
                       " WHERE seq = ?17",
                       values);
  });
}

// Of a row that is there: what an update does not write goes into its digest, too.
Result<std::string> stored_text(Connection& db, const RowKind& kind, int column, std::string_view sql, std::initializer_list<Bound> key) {
  TRY(auto row, db.query_all(sql, key));
  TRY(const bool found, row.step());
  if (!found) return Error{Errc::corrupt, db.path() + ": table " + std::string(kind.name) + ": lacks a row that was written"};
  TRY(check_row(row, kind));
  return std::string(row.text(column));
}

Status update_job(RowWriter& rows, const model::Job& job, const model::JobSummary& summary) {
  static const auto kSelect = "SELECT " + proved(kJobRow) + " FROM job WHERE namespace = ?1 AND id = ?2";
  TRY(const auto stub, stored_text(rows.db(), kJobRow, kStub, kSelect, {job.ns, job.id.text}));
  return with_values(job, summary, stub, [&](std::initializer_list<Bound> values) {
    return rows.update(kJobRow,
                       "UPDATE job SET status = ?8, status_description = ?9, modify_index = ?12, summary = ?14,"
                       " summary_index = ?15, digest = ?18 WHERE seq = ?17",
                       values);
  });
}

template <class Take>
auto with_values(const model::JobKey& key, const Version& v, std::string_view doc, Take&& take) {
  return take({key.ns, key.id.text, v.job_modify_index.value, v.number, v.listed, v.stable, core::to_word(v.status),
               v.status_description, v.modify_index.value, doc});
}

Status insert_version(RowWriter& rows, const model::JobKey& key, const Version& v) {
  ASSERT(v.body != nullptr);
  const auto doc =
      without(core::to_compact_json(*v.body), {"Status", "StatusDescription", "Stable", "ModifyIndex"});
  TRY(with_values(key, v, doc, [&](std::initializer_list<Bound> values) { return rows.insert(kVersionRow, values); }));
  return core::ok_status();
}

const std::string& select_version() {
  static const auto kSelect = "SELECT " + proved(kVersionRow) + " FROM job_version WHERE namespace = ?1 AND job_id = ?2 AND job_modify_index = ?3";
  return kSelect;
}

Status update_version(RowWriter& rows, const model::JobKey& key, const Version& v) {
  TRY(const auto doc, stored_text(rows.db(), kVersionRow, kVersionDoc, select_version(), {key.ns, key.id.text, v.job_modify_index.value}));
  return with_values(key, v, doc, [&](std::initializer_list<Bound> values) {
    return rows.update(kVersionRow,
                       "UPDATE job_version SET listed = ?5, stable = ?6, status = ?7, status_description = ?8,"
                       " modify_index = ?9, digest = ?12 WHERE seq = ?11",
                       values);
  });
}

Status write_versions(RowWriter& rows, const JobWrites& job) {
  const auto& key = job.key;
  for (const auto index : job.mark.dropped)
    TRY(rows.remove(kVersionRow,
                    "DELETE FROM job_version WHERE namespace = ?1 AND job_id = ?2 AND job_modify_index = ?3 RETURNING digest",
                    {key.ns, key.id.text, index.value}));
  for (const auto& version : job.versions) TRY(version.stored ? update_version(rows, key, version) : insert_version(rows, key, version));
  return core::ok_status();
}

Result<Version> read_version(const Query& row) {
  Version v{.job_modify_index = {row.unsigned_integer(2)}, .number = row.unsigned_integer(3),
            .listed = row.integer(4) != 0, .body = nullptr, .status_description = std::string(row.text(7)),
            .stable = row.integer(5) != 0, .modify_index = {row.unsigned_integer(8)}, .stored = true,
            .changed = false};
  TRY(read_word(row.text(6), v.status));
  return v;
}

// What job lists need and the document does not hold.
Status load_current(Connection& db, model::Cluster& cluster, Books& books) {
  Loaded loaded(cluster);
  TRY(auto rows, db.query("SELECT " + proved(kJobRow) + " FROM job"));
  return load_table(db, kJobRow, std::move(rows), [&](const Query& row) -> Status {
    const model::JobKey key{std::string(row.text(0)), {std::string(row.text(1))}};
    auto& book = books.jobs[key];
    TRY(read_json(row.text(13), book.summary));
    auto* const version = book.version({row.unsigned_integer(12)});
    if (version == nullptr || !version->listed || version != &book.versions.back())
      return Error{Errc::corrupt, db.path() + ": job " + key.id.text + " lacks its current version"};
    TRY(version->body, load_version(db, key, version->job_modify_index));
    auto job = *version->body;
    TRY(read_word(row.text(7), job.status));
    job.status_description = row.text(8);
    job.modify_index = {row.unsigned_integer(11)};
    const auto index = job.modify_index;
    loaded.add(index, model::JobChanged{std::make_shared<const model::Job>(std::move(job))});
    return core::ok_status();
  });
}

}  // namespace

Status write_job(RowWriter& rows, const JobWrites& job) {
  const auto& mark = job.mark;
  TRY(write_versions(rows, job));
  if (mark.now) return mark.whole ? put_job(rows, *mark.now, job.summary, mark.fresh) : update_job(rows, *mark.now, job.summary);
  if (!mark.fresh) TRY(rows.remove(kJobRow, "DELETE FROM job WHERE namespace = ?1 AND id = ?2 RETURNING digest", {job.key.ns, job.key.id.text}));
  return core::ok_status();
}

Status load_jobs(Connection& db, model::Cluster& cluster, Books& books) {
  {
    TRY(auto rows, db.query("SELECT " + proved(kVersionRow) + " FROM job_version ORDER BY namespace, job_id, job_modify_index"));
    TRY(load_table(db, kVersionRow, std::move(rows), [&](const Query& row) -> Status {
      TRY(auto version, read_version(row));
      const model::JobKey key{std::string(row.text(0)), {std::string(row.text(1))}};
      books.jobs[key].versions.push_back(std::move(version));
      return core::ok_status();
    }));
  }
  return load_current(db, cluster, books);
}

Result<model::JobPtr> load_version(Connection& db, const model::JobKey& job, Index job_modify_index) {
  TRY(auto row, db.query(select_version(), job.ns, job.id.text, job_modify_index.value));
  TRY(const bool found, row.step());
  if (!found)
    return Error{Errc::corrupt, db.path() + ": job " + job.id.text + " lacks the version of index " +
                                    to_string(job_modify_index)};
  TRY(auto read, read_job(row, 0));
  return std::make_shared<const model::Job>(std::move(read));
}

Result<model::Job> read_job(const Query& row, int first) {
  TRY(check_row(row, kVersionRow, first));
  model::Job job;
  TRY(read_json(row.text(first + kVersionDoc), job));
  TRY(read_word(row.text(first + 6), job.status));
  job.status_description = row.text(first + 7);
  job.stable = row.integer(first + 5) != 0;
  job.modify_index = {row.unsigned_integer(first + 8)};
  return job;
}

}  // namespace store::state
