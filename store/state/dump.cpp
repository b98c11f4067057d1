// SPDX-License-Identifier: MPL-2.0
#include "store/state/dump.h"

#include <array>

#include "core/base/binary.h"

namespace store::state {
namespace {

using core::Digest;
using core::Result;

constexpr std::array kTables = {
    "SELECT applied_index, applied_term, applied_digest, applied_time, configuration_index, cluster_id, region,"
    " index_offset FROM meta",
    "SELECT * FROM peer ORDER BY id",
    "SELECT * FROM table_index ORDER BY name",
    "SELECT * FROM time_step ORDER BY last_index",
    "SELECT * FROM collection ORDER BY kind",
    "SELECT * FROM request ORDER BY entry_index",
    "SELECT * FROM restore_piece ORDER BY restore, offset",
    "SELECT id, secret_id, name, datacenter, node_class, status, status_description, status_updated_at, eligibility,"
    " drain, events, create_index, modify_index, stub, doc FROM node LEFT JOIN node_doc ON node = seq ORDER BY id",
    "SELECT namespace, id, parent_id, type, priority, version, stop, status, status_description, submit_time,"
    " create_index, modify_index, job_modify_index, summary, summary_index, stub FROM job ORDER BY namespace, id",
    "SELECT namespace, job_id, job_modify_index, version, listed, stable, status, status_description, modify_index,"
    " doc FROM job_version ORDER BY namespace, job_id, job_modify_index",
    "SELECT id, namespace, job_id, type, priority, triggered_by, status, description, create_index, modify_index,"
    " create_time, modify_time, doc FROM eval ORDER BY id",
    "SELECT id, namespace, name, eval_id, node_id, node_name, job_id, job_type, job_version, job_modify_index,"
    " task_group, desired_status, desired_description, desired_transition, client_status, client_description,"
    " task_states, previous_allocation, next_allocation, followup_eval, reschedule, create_index, modify_index,"
    " alloc_modify_index, create_time, modify_time, doc FROM alloc LEFT JOIN alloc_doc ON alloc = seq ORDER BY id",
};

void add_value(core::Writer& row, const Query& query, int column) {
  const auto kind = query.kind(column);
  row.u8(static_cast<std::uint8_t>(kind));
  if (kind == ColumnKind::integer) row.i64(query.integer(column));
  else if (kind != ColumnKind::null) row.string(query.blob(column));
}

Result<Digest> add_table(Connection& db, const char* sql, Digest digest) {
  TRY(auto query, db.query(sql));
  for (;;) {
    TRY(const bool more, query.step());
    if (!more) break;
    core::Writer row;
    for (int column = 0; column < query.columns(); ++column) add_value(row, query, column);
    digest = core::chain(digest, {row.bytes()});
  }
  return core::chain(digest, {sql});  // so that no row can pass for one of the next table
}

}  // namespace

Result<Digest> digest_of(Connection& db) {
  Digest digest;
  for (const auto* const sql : kTables) {
    TRY(digest, add_table(db, sql, digest));
  }
  return digest;
}

}  // namespace store::state
