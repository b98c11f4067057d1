// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "core/model/failed_placement.h"
#include "store/state/reader.h"
#include "tests/support/printers.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/store/state/scene.h"

using namespace core;
using namespace core::model;
using store::state::Answer;
using test::Scene;

namespace {

// A job of one allocation placed, whose evaluation 1 found no place for two more groups.
class Unplaced {
 public:
  Unplaced() : db(fill()) {}

 private:
  test::TempDir dir_;

 public:
  Scene s{dir_ / "state.db"};
  const EvalId eval_id{test::uuid(1)};
  store::Connection db;

 private:
  store::Connection fill() {
    s.done(s.placing(1));
    auto ended = s.ending(1);
    ended.evals[0].failed_groups["cache"].dimension_exhausted["memory"] = 2;
    ended.evals[0].failed_groups["db"].nodes_evaluated = 4;
    s.done(ended);
    auto opened = store::state::open_reader(dir_ / "state.db");
    REQUIRE(opened.ok());
    return std::move(opened).value();
  }
};

std::vector<std::string> groups(const Result<Answer>& answer) {
  REQUIRE(answer.ok());
  const auto document = json::parse(answer->json);
  REQUIRE(document.ok());
  std::vector<std::string> out;
  for (std::size_t i = 0; i < document->root().size(); ++i)
    out.emplace_back(document->root().element(i).find("TaskGroup").value.string());
  return out;
}

}  // namespace

TEST_CASE("v0.1.2 clients see groups without a place among the allocations of an evaluation and its job", "[state][v0.1.2]") {
  Unplaced u;
  const store::state::ListOptions old{.shape = Shape::v0_1_2};
  const std::vector<std::string> with{"api", "cache", "db"};
  CHECK(groups(store::state::list_eval_allocs(u.db, u.eval_id, old)) == with);
  CHECK(groups(store::state::list_job_allocs(u.db, u.s.key, false, old)) == with);
  CHECK(groups(store::state::list_eval_allocs(u.db, u.eval_id)) == std::vector<std::string>{"api"});
  CHECK(groups(store::state::list_job_allocs(u.db, u.s.key, false)) == std::vector<std::string>{"api"});
  CHECK(groups(store::state::list_allocs(u.db, old)) == std::vector<std::string>{"api"});
}

TEST_CASE("a job's blocked evaluation does not tell its failures a second time", "[state][v0.1.2]") {
  Unplaced u;
  auto waiting = *u.s.eval(1);
  waiting.id = EvalId{test::uuid(2)};
  waiting.status = EvalStatus::blocked;
  u.s.done(EvalsUpdated{{waiting}});
  CHECK(groups(store::state::list_job_allocs(u.db, u.s.key, false, {.shape = Shape::v0_1_2})).size() == 3);
}

TEST_CASE("the id of a failed placement is answered with its reasons and its job", "[state][v0.1.2]") {
  Unplaced u;
  const auto answer = store::state::get_alloc(u.db, failed_placement_id(u.eval_id, 0), Shape::v0_1_2);
  REQUIRE(answer.ok());
  REQUIRE(answer->found);
  CHECK(answer->index == u.s.eval(1)->modify_index);
  const auto document = json::parse(answer->json);
  REQUIRE(document.ok());
  const auto text = [&](const char* name) { return document->root().find(name).value.text(); };
  CHECK(text("TaskGroup") == "\"cache\"");
  CHECK(text("ClientStatus") == "\"failed\"");
  CHECK(document->root().find("Metrics").value.find("DimensionExhausted").value.text() == R"({"memory":2})");
  CHECK(document->root().find("Job").value.find("ID").value.text() == "\"web\"");
}

TEST_CASE("an id that stands for no group of any evaluation is missing", "[state][v0.1.2]") {
  Unplaced u;
  for (const AllocId& id : {failed_placement_id(u.eval_id, 2), failed_placement_id(EvalId{test::uuid(9)}, 0), AllocId{test::uuid(1)}, AllocId{"x"}}) {
    const auto answer = store::state::get_alloc(u.db, id, Shape::v0_1_2);
    REQUIRE(answer.ok());
    CHECK(!answer->found);
  }
}
