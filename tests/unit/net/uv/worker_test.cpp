// SPDX-License-Identifier: MPL-2.0
#include "net/uv/worker.h"

#include <memory>
#include <vector>

#include "tests/support/test_loop.h"

using core::Result;
using net::uv::Worker;
using support::TestLoop;

TEST_CASE("one thread runs and answers its jobs in order, on the loop", "[uv][worker]") {
  TestLoop t;
  Worker worker(t.loop, {.name = "test"});
  std::vector<int> ran;  // the worker's alone until the last answer
  std::vector<int> answered;
  for (int i = 0; i < 100; ++i) {
    REQUIRE(worker.submit([&ran, i]() -> Result<int> { return ran.push_back(i), i; },
                          [&](Result<int> r) {
                            answered.push_back(*r);
                            if (answered.size() == 100) t.stop();
                          })
                .ok());
  }
  CHECK(answered.empty());
  CHECK(worker.pending() == 100);
  t.run();
  CHECK(ran == answered);
  CHECK(ran.size() == 100);
  CHECK(worker.pending() == 0);
}

TEST_CASE("work may own what cannot be copied, and errors come back as values", "[uv][worker]") {
  TestLoop t;
  Worker worker(t.loop, {.name = "test"});
  core::Error seen;
  auto owned = std::make_unique<int>(4);
  REQUIRE(worker.submit([owned = std::move(owned)]() -> Result<std::string> { return core::Error{core::Errc::io, std::to_string(*owned)}; },
                        [&](Result<std::string> r) {
                          seen = r.error();
                          t.stop();
                        })
              .ok());
  t.run();
  CHECK(seen == core::Error{core::Errc::io, "4"});
}

TEST_CASE("a full queue refuses, and takes again once answers are out", "[uv][worker]") {
  TestLoop t;
  Worker worker(t.loop, {.name = "test", .queue_max = 2});
  const auto work = []() -> Result<int> { return 1; };
  auto both = std::make_shared<std::function<void()>>(t.stop_after(2));
  const auto done = [both](Result<int>) { (*both)(); };
  REQUIRE(worker.submit(work, done).ok());
  REQUIRE(worker.submit(work, done).ok());
  const auto third = worker.submit(work, done);
  REQUIRE_FALSE(third.ok());
  CHECK(third.error().code == core::Errc::busy);
  t.run();
  CHECK(worker.submit(work, {}).ok());
}

TEST_CASE("destruction runs what was submitted and drops the answers", "[uv][worker]") {
  TestLoop t;
  int ran = 0;
  bool answered = false;
  {
    Worker worker(t.loop, {.name = "test"});
    for (int i = 0; i < 50; ++i)
      REQUIRE(worker.submit([&]() -> Result<int> { return ++ran; }, [&](Result<int>) { answered = true; }).ok());
  }
  CHECK(ran == 50);
  t.loop.defer([&] { t.loop.defer([&] { t.stop(); }); });
  t.run();
  CHECK_FALSE(answered);
}

TEST_CASE("a worker may be destroyed by the answer it gives", "[uv][worker]") {
  TestLoop t;
  auto worker = std::make_unique<Worker>(t.loop, Worker::Options{.name = "test"});
  int answers = 0;
  for (int i = 0; i < 3; ++i)
    REQUIRE(worker
                ->submit([]() -> Result<int> { return 1; },
                         [&](Result<int>) {
                           ++answers;
                           worker.reset();
                           t.stop();
                         })
                .ok());
  t.run();
  CHECK(answers == 1);
}

TEST_CASE("several threads finish every job", "[uv][worker]") {
  TestLoop t;
  Worker pool(t.loop, {.name = "pool", .threads = 4});
  int sum = 0;
  auto done = std::make_shared<std::function<void()>>(t.stop_after(200));
  for (int i = 1; i <= 200; ++i)
    REQUIRE(pool.submit([i]() -> Result<int> { return i; },
                        [&, done](Result<int> r) {
                          sum += *r;
                          (*done)();
                        })
                .ok());
  t.run();
  CHECK(sum == 200 * 201 / 2);
}

TEST_CASE("an idle worker does not keep the loop running", "[uv][worker]") {
  net::uv::Loop loop;
  Worker worker(loop, {.name = "test"});
  bool answered = false;
  REQUIRE(worker.submit([]() -> Result<int> { return 1; }, [&](Result<int>) { answered = true; }).ok());
  loop.run();
  CHECK(answered);
}
