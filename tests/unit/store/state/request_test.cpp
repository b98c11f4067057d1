// SPDX-License-Identifier: MPL-2.0
// A request that has a name takes effect once, however often it comes.
#include <catch2/catch.hpp>

#include "core/base/limits.h"
#include "store/state/image.h"
#include "store/state/reader.h"
#include "tests/support/builders.h"
#include "tests/support/printers.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/store/state/scene.h"

using namespace core;
using namespace core::model;
using store::state::Applied;
using test::JobBuilder;
using test::Scene;
using test::TempDir;

namespace {

constexpr RequestId kRequest{0x1122334455667788, 0x99aabbccddeeff00};

// The job with a count of its own, so that each registration is a new version.
JobRegistered counting(const Scene& s, int count, std::uint64_t eval) {
  return s.registration(JobBuilder("web").group("api", count).build(), eval);
}

Applied apply(Scene& s, const Event& event, const RequestId& request) { return s.apply_entry(s.feed.entry(event, request)); }

}  // namespace

TEST_CASE("the same request twice is carried out once, and has one outcome", "[state][requests]") {
  Scene s;
  const auto first = apply(s, counting(s, 5, 10), kRequest);
  REQUIRE(first.outcome.ok());
  CHECK(first.repeats == nullptr);
  const auto version = s.job()->version;
  // A leader that does not know of the first draws another evaluation.
  const auto again = apply(s, counting(s, 5, 11), kRequest);
  REQUIRE(again.outcome.ok());
  REQUIRE(again.repeats != nullptr);
  CHECK(again.repeats->index == first.id.index);
  CHECK(again.repeats->evals == std::vector{EvalId{test::uuid(10)}});
  CHECK(again.job_modify_index == first.job_modify_index);
  CHECK(again.eval_create_index == first.id.index);
  CHECK(s.changes.empty());
  CHECK(s.job()->version == version);
  CHECK(s.eval(10) != nullptr);
  CHECK(s.eval(11) == nullptr);
}

TEST_CASE("a request is known by its id alone, within one batch too", "[state][requests]") {
  Scene s;
  std::vector<raft::Entry> entries;
  entries.push_back(s.feed.entry(counting(s, 5, 10), {1, 2}));
  entries.push_back(s.feed.entry(counting(s, 6, 11), {2, 1}));  // another id: another request
  entries.push_back(s.feed.entry(counting(s, 7, 12), {1, 2}));  // other words, but the same request
  entries.push_back(s.feed.entry(counting(s, 8, 13), {}));      // nobody will ask for these again
  entries.push_back(s.feed.entry(counting(s, 9, 14), {}));
  const auto batch = s.state.apply(entries);
  REQUIRE(batch.ok());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    CAPTURE(i);
    CHECK((batch->applied[i].repeats != nullptr) == (i == 2));
  }
  CHECK(s.job()->groups[0].count == 9);
  CHECK(s.eval(12) == nullptr);
  CHECK(s.view().request({1, 2})->index == entries[0].id.index);
  CHECK(s.view().request({2, 1})->index == entries[1].id.index);
  CHECK(s.view().request({}) == nullptr);
}

TEST_CASE("what was refused stays refused, though it would be accepted now", "[state][requests]") {
  Scene s;
  auto guarded = counting(s, 5, 10);
  guarded.enforce_index = true;
  guarded.job_modify_index = s.feed.last().next().next();
  const auto refused = apply(s, guarded, kRequest);
  REQUIRE_FALSE(refused.outcome.ok());
  s.done(counting(s, 6, 11));
  REQUIRE(s.job()->job_modify_index == guarded.job_modify_index);
  const auto again = apply(s, guarded, kRequest);
  REQUIRE_FALSE(again.outcome.ok());
  CHECK(again.outcome.error() == refused.outcome.error());
  CHECK(again.repeats != nullptr);
  CHECK(s.job()->groups[0].count == 6);
}

TEST_CASE("requests are remembered for a number of entries, and then forgotten everywhere", "[state][requests]") {
  TempDir directory;
  Scene s(directory / "state.db");
  const auto first = apply(s, counting(s, 5, 10), kRequest);
  const auto kept_until = Index{first.id.index.value + limits::kRequestKeptEntries - 1};
  std::vector<raft::Entry> entries;
  while (s.feed.last() < kept_until) entries.push_back(s.feed.noop());
  REQUIRE(s.state.apply(entries).ok());
  CHECK(s.view().request(kRequest) != nullptr);
  s.apply_entry(s.feed.noop());
  CHECK(test::facts<RequestForgotten>(s.changes).size() == 1);
  CHECK(s.view().request(kRequest) == nullptr);
  auto reader = store::state::open_reader(directory / "state.db");
  REQUIRE(reader.ok());
  CHECK(reader->get_integer("SELECT count(*) FROM request").value() == 0);
  // Far too late: it is taken for another.
  CHECK(apply(s, counting(s, 6, 11), kRequest).repeats == nullptr);
  CHECK(s.job()->groups[0].count == 6);
}

TEST_CASE("requests outlive a restart and travel with an image", "[state][requests][image]") {
  TempDir directory;
  const auto path = directory / "state.db", image = directory / "image.db";
  Index first, refused;
  Event event;
  Digest digest;
  raft::Entry again, again_refused;
  {
    Scene s(path);
    event = counting(s, 5, 10);
    first = apply(s, event, kRequest).id.index;
    auto guarded = counting(s, 7, 12);
    guarded.enforce_index = true;
    refused = apply(s, guarded, {9, 9}).id.index;
    digest = s.digest();
    auto reader = store::state::open_reader(path);
    REQUIRE(reader.ok());
    REQUIRE(store::state::write_image(*reader, image).ok());
    again = s.feed.entry(event, kRequest);
    again_refused = s.feed.entry(guarded, {9, 9});
  }
  const auto check = [&](store::state::StateMachine& state) {
    CHECK(*state.digest() == digest);
    const std::vector entries{again, again_refused};
    const auto batch = state.apply(entries);
    REQUIRE(batch.ok());
    CHECK(batch->changes.empty());
    REQUIRE(batch->applied[0].repeats != nullptr);
    CHECK(batch->applied[0].repeats->index == first);
    CHECK(batch->applied[0].evals == std::vector{EvalId{test::uuid(10)}});
    CHECK(batch->applied[0].outcome.ok());
    REQUIRE(batch->applied[1].repeats != nullptr);
    CHECK(batch->applied[1].repeats->index == refused);
    CHECK(batch->applied[1].outcome.error().code == Errc::rejected);
    CHECK_THAT(batch->applied[1].outcome.error().detail, Catch::Contains("job already exists"));
  };
  SECTION("opened again") {
    auto state = store::state::StateMachine::open(path);
    INFO((state.ok() ? std::string() : state.error().detail));
    REQUIRE(state.ok());
    check(*state);
  }
  SECTION("installed on another server") {
    auto state = store::state::StateMachine::open(":memory:");
    REQUIRE(state.ok());
    REQUIRE(state->install(image).ok());
    check(*state);
  }
}

TEST_CASE("a state of the schema before knows no requests, and remembers from now on", "[state][requests][schema]") {
  TempDir directory;
  const auto path = directory / "state.db";
  { Scene s(path); }
  {
    auto db = store::Connection::open(path, {});
    REQUIRE(db.ok());
    REQUIRE(db->execute(test::undo_migrations()).ok());
  }
  auto state = store::state::StateMachine::open(path);
  REQUIRE(state.ok());
  CHECK(state->view()->request(kRequest) == nullptr);
  CHECK(state->view()->job({"default", {"web"}}) != nullptr);
  CHECK(state->digest().ok());
}
