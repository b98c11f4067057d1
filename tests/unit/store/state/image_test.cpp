// SPDX-License-Identifier: MPL-2.0
#include "store/state/image.h"

#include <catch2/catch.hpp>

#include "store/env_posix.h"
#include "tests/unit/store/state/reading.h"

using namespace core;
using namespace core::model;
using namespace store::state;
using test::Reading;

TEST_CASE("an image is the state as the reader saw it, and knows its place", "[state][image]") {
  Reading r;
  auto& s = r.scene;
  s.done(s.placing(1, 2));
  const auto digest = s.digest();
  const auto expected = s.state.meta();
  const auto path = r.directory / "image.db";
  const auto meta = write_image(r.reader, path);
  REQUIRE(meta.ok());
  CHECK(*meta == expected);
  s.done(s.ending(1));  // the image does not follow

  auto image = test::opened_reader(path);
  CHECK(image.quick_check().ok());
  CHECK(read_meta(image).value() == expected);
  CHECK(test::parsed(list_allocs(image, {})).size() == 2);

  store::PosixEnv env;
  SECTION("restored over another state it takes its place") {
    const auto other = r.directory / "other.db";
    {
      test::Scene old(other);
      for (int i = 0; i < 20; ++i) old.done(old.placing(100, 3));
    }
    REQUIRE(restore_image(env, path, other).ok());
    auto restored = StateMachine::open(other);
    REQUIRE(restored.ok());
    CHECK(restored->meta() == expected);
    CHECK(*restored->digest() == digest);
    const auto entry = s.feed.log()[s.feed.log().size() - 1];
    CHECK(restored->apply({&entry, 1}).ok());
    CHECK(*restored->digest() == s.digest());
  }
  SECTION("restored where nothing is") {
    REQUIRE(restore_image(env, path, r.directory / "fresh.db").ok());
    CHECK(StateMachine::open(r.directory / "fresh.db").value().meta() == expected);
  }
}

TEST_CASE("a write-ahead log without its database is not taken for another's", "[state][image]") {
  Reading r;
  const auto orphan = r.directory / "orphan.db";
  store::PosixEnv env;
  auto wal = env.open(r.path + "-wal", store::Open::read);
  REQUIRE(wal.ok());
  {
    auto copy = env.open(orphan + "-wal", store::Open::create);
    REQUIRE(copy.ok());
    const auto size = (*wal)->size().value();
    REQUIRE(size > 0);
    REQUIRE((*copy)->write_at(0, (*wal)->read_exactly(0, size).value()).ok());
  }
  SECTION("when the database is made anew") {
    auto state = StateMachine::open(orphan);
    REQUIRE(state.ok());
    CHECK(state->applied().index == Index{0});
  }
  SECTION("when an image is put there") {
    const auto path = r.directory / "image.db";
    const auto meta = write_image(r.reader, path);
    REQUIRE(meta.ok());
    REQUIRE(restore_image(env, path, orphan).ok());
    CHECK(StateMachine::open(orphan).value().meta() == *meta);
  }
}

TEST_CASE("a discarded state is gone with its log", "[state][image]") {
  test::TempDir directory;
  const auto path = directory / "state.db";
  { test::Scene s(path); }
  store::PosixEnv env;
  REQUIRE(discard(env, path).ok());
  REQUIRE(discard(env, path).ok());
  CHECK(StateMachine::open(path).value().applied().index == Index{0});
}
