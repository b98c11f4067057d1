// SPDX-License-Identifier: MPL-2.0
#include "store/state/schema.h"

#include <array>
#include <string>

#include "core/base/digest.h"
#include "store/state/row_digest.h"

namespace store::state {
namespace {

using core::Errc;
using core::Error;
using core::Status;

// Names of tables are singular; the plural names are views for people. `seq` is the rowid: an integer
// key makes inserts append and keeps secondary indexes small. It means nothing outside one file. Columns stand in the
// order in which the migrations below would have added them.
constexpr const char* kTables = R"sql(
CREATE TABLE meta (
  one                 INTEGER PRIMARY KEY CHECK (one = 1),
  applied_index       INTEGER NOT NULL,
  applied_term        INTEGER NOT NULL,
  applied_digest      BLOB    NOT NULL,
  applied_time        INTEGER NOT NULL,
  configuration_index INTEGER NOT NULL,
  cluster_id          TEXT    NOT NULL,
  region              TEXT    NOT NULL,
  index_offset        INTEGER NOT NULL DEFAULT 0,
  digest              INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE peer (
  id      TEXT    PRIMARY KEY,
  address TEXT    NOT NULL,
  voter   INTEGER NOT NULL,
  digest  INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE table_index (
  name       TEXT    PRIMARY KEY,
  last_index INTEGER NOT NULL,
  digest     INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE time_step (
  last_index INTEGER PRIMARY KEY,
  time       INTEGER NOT NULL,
  digest     INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE collection (
  kind       TEXT    PRIMARY KEY,
  last_index INTEGER NOT NULL,
  last_time  INTEGER NOT NULL,
  runs       INTEGER NOT NULL,
  evals      INTEGER NOT NULL,
  allocs     INTEGER NOT NULL,
  jobs       INTEGER NOT NULL,
  nodes      INTEGER NOT NULL,
  digest     INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

CREATE TABLE node (
  seq                INTEGER PRIMARY KEY,
  id                 TEXT    NOT NULL UNIQUE,
  secret_id          TEXT    NOT NULL,
  name               TEXT    NOT NULL,
  datacenter         TEXT    NOT NULL,
  node_class         TEXT    NOT NULL,
  status             TEXT    NOT NULL,
  status_description TEXT    NOT NULL,
  status_updated_at  INTEGER NOT NULL,
  eligibility        TEXT    NOT NULL,
  drain              TEXT,
  events             TEXT,
  create_index       INTEGER NOT NULL,
  modify_index       INTEGER NOT NULL,
  stub               TEXT    NOT NULL,
  digest             INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE node_doc (
  node   INTEGER PRIMARY KEY,
  doc    TEXT    NOT NULL,
  digest INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE job (
  seq                INTEGER PRIMARY KEY,
  namespace          TEXT    NOT NULL,
  id                 TEXT    NOT NULL,
  parent_id          TEXT    NOT NULL,
  type               TEXT    NOT NULL,
  priority           INTEGER NOT NULL,
  version            INTEGER NOT NULL,
  stop               INTEGER NOT NULL,
  status             TEXT    NOT NULL,
  status_description TEXT    NOT NULL,
  submit_time        INTEGER NOT NULL,
  create_index       INTEGER NOT NULL,
  modify_index       INTEGER NOT NULL,
  job_modify_index   INTEGER NOT NULL,
  summary            TEXT    NOT NULL,
  summary_index      INTEGER NOT NULL,
  stub               TEXT    NOT NULL,
  digest             INTEGER NOT NULL DEFAULT 0,
  UNIQUE (namespace, id)
);
CREATE TABLE job_version (
  seq                INTEGER PRIMARY KEY,
  namespace          TEXT    NOT NULL,
  job_id             TEXT    NOT NULL,
  job_modify_index   INTEGER NOT NULL,
  version            INTEGER NOT NULL,
  listed             INTEGER NOT NULL,
  stable             INTEGER NOT NULL,
  status             TEXT    NOT NULL,
  status_description TEXT    NOT NULL,
  modify_index       INTEGER NOT NULL,
  doc                TEXT    NOT NULL,
  digest             INTEGER NOT NULL DEFAULT 0,
  UNIQUE (namespace, job_id, job_modify_index)
);

CREATE TABLE eval (
  seq          INTEGER PRIMARY KEY,
  id           TEXT    NOT NULL UNIQUE,
  namespace    TEXT    NOT NULL,
  job_id       TEXT    NOT NULL,
  type         TEXT    NOT NULL,
  priority     INTEGER NOT NULL,
  triggered_by TEXT    NOT NULL,
  status       TEXT    NOT NULL,
  description  TEXT    NOT NULL,
  create_index INTEGER NOT NULL,
  modify_index INTEGER NOT NULL,
  create_time  INTEGER NOT NULL,
  modify_time  INTEGER NOT NULL,
  doc          TEXT    NOT NULL,
  digest       INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX eval_by_job ON eval (namespace, job_id);

CREATE TABLE alloc (
  seq                 INTEGER PRIMARY KEY,
  id                  TEXT    NOT NULL UNIQUE,
  namespace           TEXT    NOT NULL,
  name                TEXT    NOT NULL,
  eval_id             TEXT    NOT NULL,
  node_id             TEXT    NOT NULL,
  node_name           TEXT    NOT NULL,
  job_id              TEXT    NOT NULL,
  job_type            TEXT    NOT NULL,
  job_version         INTEGER NOT NULL,
  job_modify_index    INTEGER NOT NULL,
  task_group          TEXT    NOT NULL,
  desired_status      TEXT    NOT NULL,
  desired_description TEXT    NOT NULL,
  desired_transition  TEXT,
  client_status       TEXT    NOT NULL,
  client_description  TEXT    NOT NULL,
  task_states         TEXT,
  previous_allocation TEXT    NOT NULL,
  next_allocation     TEXT    NOT NULL,
  followup_eval       TEXT    NOT NULL,
  reschedule          TEXT,
  create_index        INTEGER NOT NULL,
  modify_index        INTEGER NOT NULL,
  alloc_modify_index  INTEGER NOT NULL,
  create_time         INTEGER NOT NULL,
  modify_time         INTEGER NOT NULL,
  digest              INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX alloc_by_node ON alloc (node_id);
CREATE INDEX alloc_by_job ON alloc (namespace, job_id);
CREATE INDEX alloc_by_eval ON alloc (eval_id);
CREATE TABLE alloc_doc (
  alloc  INTEGER PRIMARY KEY,
  doc    TEXT    NOT NULL,
  digest INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE request (
  entry_index       INTEGER PRIMARY KEY,
  id                BLOB    NOT NULL,
  error             TEXT    NOT NULL,
  error_detail      TEXT    NOT NULL,
  evals             TEXT,
  eval_create_index INTEGER NOT NULL,
  job_modify_index  INTEGER NOT NULL,
  node_modify_index INTEGER NOT NULL,
  digest            INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE restore_piece (
  restore TEXT    NOT NULL,
  offset  INTEGER NOT NULL,
  bytes   BLOB    NOT NULL,
  digest  INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (restore, offset)
) WITHOUT ROWID;
CREATE TABLE row_sum (
  name TEXT    PRIMARY KEY,
  rows INTEGER NOT NULL,
  sum  INTEGER NOT NULL
) WITHOUT ROWID;
)sql";

constexpr const char* kViews = R"sql(
CREATE VIEW nodes AS
SELECT id, name, datacenter, node_class AS class, status, eligibility, drain IS NOT NULL AS draining,
       (SELECT count(*) FROM alloc a WHERE a.node_id = node.id AND a.desired_status = 'run'
          AND a.client_status IN ('pending', 'running')) AS live_allocs,
       datetime(status_updated_at / 1000000000, 'unixepoch') AS status_since,
       create_index, modify_index
FROM node ORDER BY id;

CREATE VIEW jobs AS
SELECT namespace, id, type, priority, status, stop, version,
       (SELECT count(*) FROM alloc a WHERE a.namespace = job.namespace AND a.job_id = job.id
          AND a.desired_status = 'run' AND a.client_status IN ('pending', 'running')) AS live_allocs,
       datetime(submit_time / 1000000000, 'unixepoch') AS submitted,
       create_index, modify_index
FROM job ORDER BY namespace, id;

CREATE VIEW allocations AS
SELECT id, namespace, job_id, job_version, task_group, name, node_name, node_id, eval_id,
       desired_status AS desired, client_status AS status, client_description AS description,
       datetime(create_time / 1000000000, 'unixepoch') AS created,
       datetime(modify_time / 1000000000, 'unixepoch') AS modified,
       create_index, modify_index
FROM alloc ORDER BY create_index, id;

CREATE VIEW evaluations AS
SELECT id, namespace, job_id, type, priority, triggered_by, status, description,
       instr(doc, '"FailedTGAllocs"') > 0 AS unplaced,
       datetime(create_time / 1000000000, 'unixepoch') AS created,
       datetime(modify_time / 1000000000, 'unixepoch') AS modified,
       create_index, modify_index
FROM eval ORDER BY create_index, id;

CREATE VIEW gc AS
SELECT kind, datetime(last_time / 1000000000, 'unixepoch') AS last_run, last_index, runs,
       evals, allocs, jobs, nodes
FROM collection ORDER BY kind;

CREATE VIEW times AS
SELECT datetime(time / 1000000000, 'unixepoch') AS time, last_index FROM time_step ORDER BY last_index;
)sql";

Status create(Connection& db) {
  TRY(db.execute(kTables));
  TRY(db.execute(kViews));
  TRY(db.run("INSERT INTO meta VALUES (1, 0, 0, ?1, 0, 0, '', '', 0, 0)", Bound::blob(core::Digest{}.view())));
  for (const auto* const kind : kRowKinds)
    if (kind != &kMetaRow) TRY(store_sum(db, *kind, {}));
  return prove_rows(db, kMetaRow);
}

// ---- what older releases wrote -------------------------------------------------------------------

// Version 2: what was answered to a request that comes again.
Status add_requests(Connection& db) {
  return db.execute(R"sql(
CREATE TABLE request (
  entry_index       INTEGER PRIMARY KEY,
  id                BLOB    NOT NULL,
  error             TEXT    NOT NULL,
  error_detail      TEXT    NOT NULL,
  evals             TEXT,
  eval_create_index INTEGER NOT NULL,
  job_modify_index  INTEGER NOT NULL,
  node_modify_index INTEGER NOT NULL
);
)sql");
}

// Version 3: a snapshot restored through the log.
Status add_restore(Connection& db) {
  return db.execute(R"sql(
ALTER TABLE meta ADD COLUMN index_offset INTEGER NOT NULL DEFAULT 0;
CREATE TABLE restore_piece (
  restore TEXT    NOT NULL,
  offset  INTEGER NOT NULL,
  bytes   BLOB    NOT NULL,
  PRIMARY KEY (restore, offset)
) WITHOUT ROWID;
)sql");
}

// Version 4: rows prove themselves.
Status add_digests(Connection& db) {
  for (const auto* const kind : kRowKinds)
    TRY(db.execute("ALTER TABLE " + std::string(kind->name) + " ADD COLUMN digest INTEGER NOT NULL DEFAULT 0"));
  TRY(db.execute(R"sql(
CREATE TABLE row_sum (
  name TEXT    PRIMARY KEY,
  rows INTEGER NOT NULL,
  sum  INTEGER NOT NULL
) WITHOUT ROWID;
)sql"));
  return prove_rows(db);
}

// kMigrations[n - 1] brings version n to n + 1.
using Migration = Status (*)(Connection&);
constexpr std::array<Migration, kSchemaVersion - 1> kMigrations = {add_requests, add_restore, add_digests};

}  // namespace

Status migrate(Connection& db) {
  TRY(const auto found, db.user_version());
  if (found == kSchemaVersion) return core::ok_status();
  if (found < 0 || found > kSchemaVersion)
    return Error{Errc::unsupported, db.path() + ": schema version " + std::to_string(found) +
                                        " is not known; this release reads up to " + std::to_string(kSchemaVersion)};
  TRY(auto transaction, Transaction::begin(db, Transaction::Kind::write));
  if (found == 0) TRY(create(db));
  else
    for (auto version = found; version < kSchemaVersion; ++version) TRY(kMigrations[static_cast<std::size_t>(version) - 1](db));
  TRY(db.set_user_version(kSchemaVersion));
  return transaction.commit();
}

}  // namespace store::state
