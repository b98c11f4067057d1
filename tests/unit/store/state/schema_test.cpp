// SPDX-License-Identifier: MPL-2.0
// A database made now and one that came through every release have the same schema.
#include <catch2/catch.hpp>

#include "store/state/row_digest.h"
#include "store/state/schema.h"
#include "tests/unit/store/state/reading.h"

using store::Connection;

namespace {

void append_rows(Connection& db, const std::string& sql, std::string& out) {
  auto rows = db.query(sql);
  REQUIRE(rows.ok());
  for (auto more = rows->step(); more.ok() && *more; more = rows->step()) out += std::string(rows->text(0)) + "\n";
}

// Each table with its columns in their order, each index, and each view as it is written.
std::string schema_of(const std::string& path) {
  auto db = test::opened_reader(path);
  std::string out;
  append_rows(db, "SELECT type || ' ' || name || ' of ' || tbl_name FROM sqlite_schema ORDER BY 1", out);
  append_rows(db, "SELECT sql FROM sqlite_schema WHERE type = 'view' ORDER BY name", out);
  append_rows(db,
              "SELECT s.name || ': ' || c.cid || ' ' || c.name || ' ' || c.type || ' ' || c.\"notnull\" || ' '"
              " || ifnull(c.dflt_value, '-') || ' ' || c.pk"
              " FROM sqlite_schema s, pragma_table_xinfo(s.name) c WHERE s.type = 'table' ORDER BY s.name, c.cid",
              out);
  return out;
}

}  // namespace

TEST_CASE("a database through all migrations has the schema of a new one", "[state][schema]") {
  const test::TempDir directory;
  const auto path = directory / "state.db";
  { const test::Scene scene(path); }
  const auto fresh = schema_of(path);
  {
    auto db = Connection::open(path, {});
    REQUIRE(db.ok());
    REQUIRE(db->execute(test::undo_migrations()).ok());
  }
  CHECK(schema_of(path) != fresh);
  REQUIRE(store::state::StateMachine::open(path).ok());
  CHECK(schema_of(path) == fresh);
}

TEST_CASE("a new database proves its rows", "[state][schema]") {
  auto db = Connection::open(":memory:", {});
  REQUIRE(db.ok());
  REQUIRE(store::state::migrate(*db).ok());
  CHECK(db->user_version().value() == store::state::kSchemaVersion);
  CHECK(store::state::check_rows(*db).ok());
}
