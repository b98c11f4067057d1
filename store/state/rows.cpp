// SPDX-License-Identifier: MPL-2.0
#include "store/state/rows.h"

namespace store::state {

Status write_rows(Connection& db, Books& books, const Dirty& dirty) {
  for (const auto& [id, mark] : dirty.nodes) TRY(write_node(db, id, mark));
  for (const auto& [key, mark] : dirty.jobs) TRY(write_job(db, key, books, mark));
  for (const auto& [id, mark] : dirty.evals) TRY(write_eval(db, id, mark));
  for (const auto& [id, mark] : dirty.allocs) TRY(write_alloc(db, id, mark));
  TRY(write_requests(db, dirty));
  return write_meta(db, books, dirty);
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
