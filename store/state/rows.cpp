// SPDX-License-Identifier: MPL-2.0
#include "store/state/rows.h"

namespace store::state {

Status write_rows(Connection& db, const Writes& writes) {
  const auto& dirty = writes.dirty;
  RowWriter rows(db);
  for (const auto& [id, mark] : dirty.nodes) TRY(write_node(rows, id, mark));
  for (const auto& job : writes.jobs) TRY(write_job(rows, job));
  for (const auto& [id, mark] : dirty.evals) TRY(write_eval(rows, id, mark));
  for (const auto& [id, mark] : dirty.allocs) TRY(write_alloc(rows, id, mark));
  TRY(write_requests(rows, dirty));
  TRY(rows.finish());
  return write_meta(db, writes);
}

Status load_rows(Connection& db, model::Cluster& cluster, Books& books) {
  TRY(load_meta(db, books));
  TRY(load_requests(db, cluster, books));
  TRY(load_nodes(db, cluster));
  TRY(load_jobs(db, cluster, books));
  TRY(load_evals(db, cluster, books));
  return load_allocs(db, cluster, books);
}

}  // namespace store::state
