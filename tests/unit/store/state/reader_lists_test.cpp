// SPDX-License-Identifier: MPL-2.0
// Order, prefixes, pages, namespaces and the indexes that answers carry.
#include <catch2/catch.hpp>

#include "tests/unit/store/state/reading.h"

using namespace core;
using namespace core::model;
using namespace store::state;
using test::good;
using test::parsed;
using test::Names;
using test::Reading;

namespace {

std::string quoted(const std::string& text) { return '"' + text + '"'; }

void register_job(test::Scene& s, const std::string& ns, const std::string& id) {
  JobRegistered event;
  event.job = test::JobBuilder(id).with([&](Job& job) { job.ns = ns; }).build();
  s.done(event);
}

}  // namespace

TEST_CASE("lists of an empty state are empty arrays with index 1", "[state][reader]") {
  test::TempDir directory;
  test::Fed fed(directory / "state.db");
  auto reader = test::opened_reader(directory / "state.db");
  for (const auto& answer : {good(list_nodes(reader, {})), good(list_jobs(reader, {})), good(list_allocs(reader, {})),
                             good(list_evals(reader, {})), good(list_node_allocs(reader, NodeId{"x"})),
                             good(list_job_allocs(reader, {"default", {"x"}}, false)),
                             good(list_job_evals(reader, {"default", {"x"}})),
                             good(list_eval_allocs(reader, EvalId{"x"}))}) {
    CHECK(answer.json == "[]");
    CHECK(answer.index == Index{1});
    CHECK(answer.found);
  }
}

TEST_CASE("what does not exist has the index of its kind, to wait for", "[state][reader]") {
  Reading r;
  const auto nodes = good(list_nodes(r.reader, {})).index;
  CHECK(nodes == Index{2});
  const auto node = good(get_node(r.reader, NodeId{"x"}));
  CHECK_FALSE(node.found);
  CHECK(node.index == nodes);
  CHECK_FALSE(good(get_job(r.reader, {"default", {"x"}})).found);
  CHECK(good(get_job(r.reader, {"default", {"x"}})).index == Index{3});
  CHECK_FALSE(good(get_job(r.reader, {"other", {"web"}})).found);
  CHECK_FALSE(good(list_job_versions(r.reader, {"default", {"x"}})).found);
  CHECK_FALSE(good(get_job_summary(r.reader, {"default", {"x"}})).found);
  CHECK_FALSE(good(get_eval(r.reader, EvalId{"x"})).found);
  CHECK_FALSE(good(get_alloc(r.reader, AllocId{"x"})).found);
  CHECK(good(get_alloc(r.reader, AllocId{"x"})).index == Index{1});
}

TEST_CASE("each kind has an index of its own", "[state][reader]") {
  Reading r;
  auto& s = r.scene;
  s.done(s.placing(1));                                 // 4: allocs, jobs (status), summary
  s.done(s.ending(1));                                  // 5: evals
  s.done(NodeStatusChanged{{{NodeId{test::uuid(1)}, NodeStatus::ready, "", "x"}}, {}});  // 6
  CHECK(good(list_allocs(r.reader, {})).index == Index{4});
  CHECK(good(list_jobs(r.reader, {})).index == Index{4});
  CHECK(good(list_evals(r.reader, {})).index == Index{5});
  CHECK(good(list_nodes(r.reader, {})).index == Index{6});
  CHECK(good(list_job_versions(r.reader, s.key)).index == Index{4});
  s.done(s.reporting(1, ClientStatus::running));        // 7: allocs, summary
  CHECK(good(list_jobs(r.reader, {})).index == Index{7});
  CHECK(good(get_job(r.reader, s.key)).index == Index{4});
  CHECK(good(list_node_allocs(r.reader, NodeId{test::uuid(1)})).index == Index{7});
  CHECK(good(list_node_allocs(r.reader, NodeId{test::uuid(2)})).index == Index{7});
}

TEST_CASE("UUID prefixes may leave out hyphens and use capitals; what is no UUID is refused", "[state][reader]") {
  Reading r;
  auto& s = r.scene;
  s.done(s.placing(1, 2));
  const auto id = s.alloc(1)->id.text;
  const auto count = [&](const std::string& prefix) { return parsed(list_allocs(r.reader, {.prefix = prefix})).size(); };
  CHECK(count("") == 2);
  CHECK(count("0000") == 2);
  CHECK(count("000") == 2);
  CHECK(count(id) == 1);
  CHECK(count("00000000-0000-4000") == 2);
  CHECK(count("000000000000400080000000000" + id.substr(31)) == 1);
  CHECK(count("00000000-0000-4000-8000-00000000A001") == 1);
  CHECK(count("ff") == 0);
  CHECK(list_allocs(r.reader, {.prefix = "z0"}).error().detail ==
        "alloc lookup failed: index error: Invalid UUID: encoding/hex: invalid byte: U+007A 'z'");
  CHECK_FALSE(list_evals(r.reader, {.prefix = "job-1"}).ok());
  CHECK(parsed(list_nodes(r.reader, {.prefix = "zz"})).size() == 0);
}

TEST_CASE("jobs are listed by namespace and id; a prefix is plain text", "[state][reader]") {
  Reading r;
  for (const auto* const id : {"web-2", "api", "we", "Web"}) register_job(r.scene, "default", id);
  register_job(r.scene, "other", "web");
  const auto ids = [&](const ListOptions& options) { return parsed(list_jobs(r.reader, options)).column("ID"); };
  CHECK(ids({}) == Names{quoted("Web"), quoted("api"), quoted("we"), quoted("web"), quoted("web-2")});
  CHECK(ids({.prefix = "web"}) == Names{quoted("web"), quoted("web-2")});
  CHECK(ids({.ns = "other"}) == Names{quoted("web")});
  CHECK(ids({.ns = "nowhere"}).empty());
  CHECK(ids({.prefix = "web", .ns = "*"}) == Names{quoted("web"), quoted("web-2"), quoted("web")});
}

TEST_CASE("pages follow one another without gap or repetition", "[state][reader]") {
  Reading r;
  auto& s = r.scene;
  s.done(s.placing(1, 5));
  register_job(s, "a", "x");
  register_job(s, "a", "y.z");
  const auto walk = [&](auto&& list) {
    Names all;
    ListOptions options{.ns = "*", .per_page = 2};
    for (;;) {
      const auto answer = good(list(options));
      const auto page = test::Json(answer.json);
      CHECK(page.size() <= 2);
      for (const auto& id : page.column("ID")) all.push_back(id);
      if (answer.next_token.empty()) return all;
      CHECK(page.size() == 2);
      options.next_token = answer.next_token;
    }
  };
  CHECK(walk([&](const auto& o) { return list_allocs(r.reader, o); }) == parsed(list_allocs(r.reader, {})).column("ID"));
  CHECK(walk([&](const auto& o) { return list_nodes(r.reader, o); }) == parsed(list_nodes(r.reader, {})).column("ID"));
  CHECK(walk([&](const auto& o) { return list_jobs(r.reader, o); }) == Names{quoted("x"), quoted("y.z"), quoted("web")});
}

TEST_CASE("evaluations can be asked for by job and status", "[state][reader]") {
  Reading r;
  auto& s = r.scene;
  s.done(EvalsUpdated{{test::EvalBuilder(2, "other").build(),
                       test::EvalBuilder(3, "other").status(EvalStatus::blocked).build()}});
  CHECK(parsed(list_evals(r.reader, {})).size() == 3);
  CHECK(parsed(list_evals(r.reader, {.job = "other"})).size() == 2);
  CHECK(parsed(list_evals(r.reader, {.job = "other", .status = "blocked"})).column("ID") == Names{quoted(test::uuid(3))});
}

TEST_CASE("allocations of a purged job show only when asked for", "[state][reader]") {
  Reading r;
  auto& s = r.scene;
  s.done(s.placing(1));
  s.done(JobDeregistered{s.key, true, {}});
  CHECK(parsed(list_job_allocs(r.reader, s.key, false)).size() == 1);  // nothing else bears the name
  s.done(s.registration(test::JobBuilder("web").group("api", 1).build(), 5));
  CHECK(parsed(list_job_allocs(r.reader, s.key, false)).size() == 0);
  CHECK(parsed(list_job_allocs(r.reader, s.key, true)).size() == 1);
  // The old allocation carries the job it was placed from, not the one that took its name.
  CHECK(parsed(get_alloc(r.reader, s.alloc(1)->id)).sorted().find("Count: 3") != std::string::npos);
}
