// SPDX-License-Identifier: MPL-2.0
// docs/state-schema.md and the schema say the same. Run from the root of the tree, as make does.
#include <catch2/catch.hpp>

#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "tests/unit/store/state/reading.h"

using test::Reading;

namespace {

struct Document {
  std::map<std::string, std::string> sections;  // by name of table or view
  std::vector<std::string> queries;
};

Document read_document() {
  std::ifstream file("docs/state-schema.md");
  REQUIRE(file.good());
  Document out;
  std::string line, section, query;
  while (std::getline(file, line)) {
    if (line.rfind("### ", 0) == 0) section = line.substr(4);
    else if (line.rfind("## ", 0) == 0) section = line;
    else if (section == "## Questions" && line.rfind("    ", 0) == 0) {
      query += line.substr(4) + "\n";
      if (line.back() != ';') continue;
      out.queries.push_back(std::exchange(query, {}));
    } else {
      out.sections[section] += line + "\n";
    }
  }
  return out;
}

std::vector<std::string> first_column(store::Connection& db, const std::string& sql) {
  std::vector<std::string> out;
  auto rows = db.query(sql);
  REQUIRE(rows.ok());
  for (auto more = rows->step(); more.ok() && *more; more = rows->step()) out.emplace_back(rows->text(0));
  return out;
}

}  // namespace

TEST_CASE("every table, view and column is documented, and nothing that is not there", "[state][docs]") {
  Reading r;
  const auto document = read_document();
  std::set<std::string> names;
  for (const auto& name : first_column(r.reader, "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')"
                                                 " AND name NOT LIKE 'sqlite_%'")) {
    CAPTURE(name);
    names.insert(name);
    const auto section = document.sections.find(name);
    REQUIRE(section != document.sections.end());
    for (const auto& column : first_column(r.reader, "SELECT name FROM pragma_table_info('" + name + "')")) {
      CAPTURE(column);
      CHECK(section->second.find("`" + column + "`") != std::string::npos);
    }
  }
  CHECK(names.size() == 21);
  for (const auto& [name, text] : document.sections)
    if (!name.empty() && name[0] != '#') CHECK(names.count(name) == 1);
}

TEST_CASE("the queries that the document suggests run", "[state][docs]") {
  Reading r;
  auto& s = r.scene;
  s.done(s.placing(1));
  auto blocked = s.eval_of(2);
  blocked.status = core::model::EvalStatus::blocked;
  blocked.failed_groups["api"].nodes_evaluated = 1;
  s.done(core::model::EvalsUpdated{{blocked}});
  const auto document = read_document();
  REQUIRE(document.queries.size() >= 7);
  for (const auto& sql : document.queries) {
    CAPTURE(sql);
    auto query = r.reader.query(sql);
    INFO((query.ok() ? std::string() : query.error().detail));
    REQUIRE(query.ok());
    CHECK(query->step().ok());
  }
  for (const auto* const view : {"nodes", "jobs", "allocations", "evaluations", "times"}) {
    CAPTURE(view);
    CHECK_FALSE(first_column(r.reader, std::string("SELECT * FROM ") + view).empty());
  }
}
