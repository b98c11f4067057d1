// SPDX-License-Identifier: MPL-2.0
#include "core/model/failed_placement.h"

#include <catch2/catch.hpp>
#include <set>

#include "core/base/rng.h"
#include "tests/support/builders.h"
#include "tests/support/printers.h"

using namespace core;
using namespace core::model;

TEST_CASE("an id of a failed placement leads back to its evaluation and group", "[model][v0.1.2]") {
  Rng rng(5);
  const EvalId eval{make_uuid(rng)};
  std::set<AllocId> seen;
  for (std::size_t rank = 0; rank < kFailedPlacementsMax; ++rank) {
    const auto id = failed_placement_id(eval, rank);
    CHECK(is_uuid(id.text));
    CHECK(seen.insert(id).second);
    const auto back = failed_placement_of(id);
    REQUIRE(back);
    CHECK(back->first == eval);
    CHECK(back->second == rank);
  }
}

TEST_CASE("the id of a real allocation stands for no failed placement", "[model][v0.1.2]") {
  Rng rng(6);
  CHECK(!failed_placement_of({make_uuid(rng)}));
  CHECK(!failed_placement_of({"short"}));
  CHECK(!failed_placement_of({}));
}

TEST_CASE("a group without a place reads as a failed allocation with the reasons", "[model][v0.1.2]") {
  const auto eval = test::EvalBuilder(7, "shop").with([](Evaluation& e) {
    e.failed_groups["api"].nodes_filtered = 1;
    e.failed_groups["web"].dimension_exhausted["memory"] = 3;
  }).build();
  const auto document = json::parse(failed_placement_to_api(eval, 1, R"({"ID":"shop"})"));
  REQUIRE(document.ok());
  const auto text = [&](const char* name) { return document->root().find(name).value.text(); };
  CHECK(text("TaskGroup") == "\"web\"");
  CHECK(text("DesiredStatus") == "\"failed\"");
  CHECK(text("NodeID") == "\"\"");
  CHECK(text("Job") == R"({"ID":"shop"})");
  CHECK(document->root().find("Metrics").value.find("DimensionExhausted").value.text() == R"({"memory":3})");
  CHECK(failed_placement_stub_to_api(eval, 0).find("\"TaskGroup\":\"api\"") != std::string::npos);
}
