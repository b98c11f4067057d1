// SPDX-License-Identifier: MPL-2.0
#include "core/leader/eval_broker.h"

#include <catch2/catch.hpp>

#include "tests/support/builders.h"
#include "tests/support/printers.h"

using namespace core;
using namespace core::leader;
using namespace core::model;
using test::EvalBuilder;

namespace {

constexpr Instant kStart{};
constexpr WallTime kWall{1'700'000'000'000'000'000};

struct Fixture {
  EvalBroker broker{Rng(7)};
  void add(const EvalBuilder& eval) { broker.enqueue(eval.share(), kStart, kWall); }
  // The number of the evaluation that comes next, 0 for none; and its token.
  std::uint64_t next(Instant now = kStart) {
    const auto lease = broker.dequeue(now);
    token = lease ? lease->token : "";
    return lease ? lease->eval->create_index.value : 0;
  }
  std::string token;
};

EvalId id(std::uint64_t n) { return {test::uuid(n)}; }

}  // namespace

TEST_CASE("the most urgent evaluation goes first, the oldest among equals", "[leader][broker]") {
  Fixture f;
  f.add(EvalBuilder(3, "c").priority(50));
  f.add(EvalBuilder(1, "a").priority(50));
  f.add(EvalBuilder(2, "b").priority(80));
  f.add(EvalBuilder(4, "d").priority(10));
  CHECK(f.next() == 2);
  CHECK(f.next() == 1);
  CHECK(f.next() == 3);
  CHECK(f.next() == 4);
  CHECK(f.next() == 0);
}

TEST_CASE("at most one evaluation of a job is out at a time", "[leader][broker]") {
  Fixture f;
  f.add(EvalBuilder(1, "a"));
  f.add(EvalBuilder(2, "a").priority(90));
  f.add(EvalBuilder(3, "a"));
  f.add(EvalBuilder(4, "b"));
  CHECK(f.broker.held_back() == 2);
  CHECK(f.next() == 1);
  const auto first = f.token;
  CHECK(f.next() == 4);
  CHECK(f.next() == 0);
  CHECK(f.broker.ack(id(1), first));
  CHECK(f.next() == 2);  // the most urgent of those held back
  CHECK(f.broker.ack(id(2), f.token));
  CHECK(f.next() == 3);
}

TEST_CASE("jobs of one name in two namespaces do not hold each other back", "[leader][broker]") {
  Fixture f;
  f.add(EvalBuilder(1, "a"));
  f.add(EvalBuilder(2, "a").with([](Evaluation& e) { e.ns = "other"; }));
  CHECK(f.next() == 1);
  CHECK(f.next() == 2);
}

TEST_CASE("only the lease's token ends it", "[leader][broker]") {
  Fixture f;
  f.add(EvalBuilder(1));
  CHECK(!f.broker.ack(id(1), ""));
  CHECK(f.next() == 1);
  CHECK(f.broker.outstanding(id(1), f.token));
  CHECK(!f.broker.outstanding(id(1), "x"));
  CHECK(!f.broker.ack(id(1), "x"));
  CHECK(!f.broker.nack(id(1), "x", kStart));
  CHECK(f.broker.ack(id(1), f.token));
  CHECK(!f.broker.ack(id(1), f.token));
  CHECK(f.broker.leased() == 0);
}

TEST_CASE("a refused evaluation comes back later, each time later", "[leader][broker]") {
  Fixture f;
  f.add(EvalBuilder(1));
  f.add(EvalBuilder(2));  // of the same job: must not slip in while the first one waits
  REQUIRE(f.next() == 1);
  CHECK(f.broker.nack(id(1), f.token, kStart));
  CHECK(f.broker.next_deadline() == kStart + 1s);
  f.broker.advance(kStart + 999ms);
  CHECK(f.next(kStart + 999ms) == 0);
  f.broker.advance(kStart + 1s);
  REQUIRE(f.next(kStart + 1s) == 1);
  CHECK(f.broker.nack(id(1), f.token, kStart + 1s));
  CHECK(f.broker.next_deadline() == kStart + 21s);
}

TEST_CASE("a lease that runs out is taken back", "[leader][broker]") {
  Fixture f;
  f.add(EvalBuilder(1));
  REQUIRE(f.next() == 1);
  const auto lost = f.token;
  CHECK(f.broker.next_deadline() == kStart + kNackTimeout);
  f.broker.advance(kStart + kNackTimeout);
  CHECK(!f.broker.outstanding(id(1), lost));
  CHECK(!f.broker.ack(id(1), lost));
  f.broker.advance(kStart + kNackTimeout + 1s);
  CHECK(f.next(kStart + kNackTimeout + 1s) == 1);
  CHECK(f.token != lost);
}

TEST_CASE("after the last delivery an evaluation is given up and told of until that is written", "[leader][broker]") {
  Fixture f;
  f.add(EvalBuilder(1));
  f.add(EvalBuilder(2));
  auto now = kStart;
  for (std::uint32_t delivery = 1; delivery <= kDeliveries; ++delivery) {
    REQUIRE(f.next(now) == 1);
    CHECK(f.broker.take_failed(now).empty());
    REQUIRE(f.broker.nack(id(1), f.token, now));
    now += 100s;
    f.broker.advance(now);
  }
  CHECK(f.next(now) == 0);  // its job waits for the verdict to be written
  const auto failed = f.broker.take_failed(now);
  REQUIRE(failed.size() == 1);
  CHECK(failed[0]->id == id(1));
  CHECK(f.broker.take_failed(now).empty());
  CHECK(f.broker.next_deadline() == now + kReportAgain);
  now += kReportAgain;
  f.broker.advance(now);
  CHECK(f.broker.take_failed(now).size() == 1);
  f.broker.remove(id(1));
  CHECK(!f.broker.next_deadline());
  CHECK(f.next(now) == 2);
}

TEST_CASE("an evaluation that asks to wait is left alone until then", "[leader][broker]") {
  Fixture f;
  SECTION("for a while") {
    f.add(EvalBuilder(1).with([](Evaluation& e) { e.wait = 30s; }));
  }
  SECTION("until a time") {
    f.add(EvalBuilder(1).with([](Evaluation& e) { e.wait_until.at = kWall + 30s; }));
  }
  f.add(EvalBuilder(2));
  CHECK(f.broker.waiting() == 1);
  CHECK(f.broker.next_deadline() == kStart + 30s);
  REQUIRE(f.next() == 2);  // of the same job: who waits holds nobody back
  CHECK(f.broker.ack(id(2), f.token));
  f.broker.advance(kStart + 30s);
  CHECK(f.next(kStart + 30s) == 1);
}

TEST_CASE("a time to wait for that has passed is no reason to wait", "[leader][broker]") {
  Fixture f;
  f.add(EvalBuilder(1).with([](Evaluation& e) { e.wait_until.at = kWall + -1s; }));
  CHECK(f.next() == 1);
}

TEST_CASE("an evaluation is taken in once", "[leader][broker]") {
  Fixture f;
  f.add(EvalBuilder(1));
  f.add(EvalBuilder(1));
  REQUIRE(f.next() == 1);
  const auto token = f.token;
  f.add(EvalBuilder(1));
  CHECK(f.next() == 0);
  CHECK(f.broker.ack(id(1), token));
  CHECK(f.next() == 0);
}

TEST_CASE("an evaluation that is gone is forgotten wherever it was", "[leader][broker]") {
  Fixture f;
  f.add(EvalBuilder(1, "ready"));
  f.add(EvalBuilder(2, "leased").priority(90));
  f.add(EvalBuilder(3, "leased"));
  f.add(EvalBuilder(4, "waiting").with([](Evaluation& e) { e.wait = 1s; }));
  REQUIRE(f.next() == 2);
  for (const auto n : {3, 1, 4, 2, 9}) f.broker.remove(id(static_cast<std::uint64_t>(n)));
  CHECK(f.broker.ready() == 0);
  CHECK(f.broker.leased() == 0);
  CHECK(f.broker.waiting() == 0);
  CHECK(f.broker.held_back() == 0);
  CHECK(!f.broker.next_deadline());
  f.add(EvalBuilder(5, "leased"));
  CHECK(f.next() == 5);
}

TEST_CASE("of several that only look again, the newest looks for all", "[leader][broker]") {
  Fixture f;
  const auto add = [&](std::uint64_t n, const char* why, std::int64_t priority = 50) {
    f.add(EvalBuilder(n).trigger(why).priority(priority));
  };
  add(1, trigger::kJobRegister);
  add(2, trigger::kNodeUpdate);
  add(3, trigger::kJobRegister);    // its user waits for this one
  add(4, trigger::kRollingUpdate);  // keeps the pace
  add(5, trigger::kAllocFailure, 90);
  add(6, trigger::kNodeUpdate);
  REQUIRE(f.next() == 1);
  CHECK(f.broker.take_superseded(kStart).empty());
  CHECK(f.broker.ack(id(1), f.token));
  const auto superseded = f.broker.take_superseded(kStart);
  REQUIRE(superseded.size() == 2);
  CHECK(superseded[0]->id == id(2));
  CHECK(superseded[1]->id == id(5));
  CHECK(f.broker.held_back() == 2);
  for (const auto expected : {3, 4, 6}) {
    REQUIRE(f.next() == static_cast<std::uint64_t>(expected));
    CHECK(f.broker.ack(id(static_cast<std::uint64_t>(expected)), f.token));
  }
  CHECK(f.next() == 0);
  add(2, trigger::kNodeUpdate);  // still held until its end is in the state
  CHECK(f.next() == 0);
  f.broker.advance(kStart + kReportAgain);
  CHECK(f.broker.take_superseded(kStart + kReportAgain).size() == 2);
  f.broker.remove(id(2));
  f.broker.remove(id(5));
  CHECK(!f.broker.next_deadline());
}

TEST_CASE("evaluations of system jobs are about their nodes and stand each for itself", "[leader][broker]") {
  Fixture f;
  for (std::uint64_t n = 1; n <= 4; ++n) f.add(EvalBuilder(n).type("system").trigger(trigger::kNodeUpdate));
  REQUIRE(f.next() == 1);
  CHECK(f.broker.ack(id(1), f.token));
  CHECK(f.broker.take_superseded(kStart).empty());
  CHECK(f.broker.held_back() == 2);
}

TEST_CASE("whatever happens, a job has one evaluation out and none is lost", "[leader][broker]") {
  const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{11}));
  CAPTURE(seed);
  Rng rng(seed);
  EvalBroker broker{Rng(seed)};
  Instant now{};
  std::map<EvalId, std::string> out;       // leases we hold
  std::map<EvalId, EvalPtr> alive;         // given to the broker and not ended
  std::uint64_t n = 0;
  const auto end_reported = [&] {
    for (const auto& ended : {broker.take_failed(now), broker.take_superseded(now)})
      for (const auto& eval : ended) {
        broker.remove(eval->id);
        REQUIRE(alive.erase(eval->id) == 1);
      }
  };
  for (int step = 0; step < 2000; ++step) {
    switch (rng.below(6)) {
      case 0:
      case 1: {
        const auto eval = EvalBuilder(++n, "job" + std::to_string(rng.below(5)))
                              .priority(rng.between(1, 100))
                              .trigger(rng.chance(500) ? trigger::kNodeUpdate : trigger::kJobRegister)
                              .with([&](Evaluation& e) { e.wait = rng.chance(200) ? rng.jitter(60s) : Duration{}; })
                              .share();
        alive[eval->id] = eval;
        broker.enqueue(eval, now, kWall);
        break;
      }
      case 2:
      case 3:
        if (const auto lease = broker.dequeue(now)) {
          for (const auto& [other, token] : out) REQUIRE(alive.at(other)->job_id != lease->eval->job_id);
          out[lease->eval->id] = lease->token;
        }
        break;
      case 4:
        if (!out.empty()) {
          const auto [eval, token] = *out.begin();
          out.erase(out.begin());
          if (rng.chance(500)) {
            REQUIRE(broker.ack(eval, token));
            alive.erase(eval);
          } else {
            REQUIRE(broker.nack(eval, token, now));
          }
        }
        break;
      default:
        now += rng.jitter(30s);
        broker.advance(now);
        std::erase_if(out, [&](const auto& lease) { return !broker.outstanding(lease.first, lease.second); });
        end_reported();
    }
    REQUIRE(broker.leased() == out.size());
  }
  // Left alone for long enough, everything comes out.
  for (int step = 0; step < 10'000 && !alive.empty(); ++step) {
    now += 61s;
    broker.advance(now);
    end_reported();
    while (const auto lease = broker.dequeue(now)) {
      REQUIRE(broker.ack(lease->eval->id, lease->token));
      alive.erase(lease->eval->id);
    }
  }
  CHECK(alive.empty());
}
