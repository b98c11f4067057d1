// SPDX-License-Identifier: MPL-2.0
#include "core/leader/blocked_evals.h"

#include <catch2/catch.hpp>

#include "tests/support/builders.h"
#include "tests/support/printers.h"

using namespace core;
using namespace core::leader;
using namespace core::model;

namespace {

// Blocked at a snapshot; `fits` says what is known of classes.
EvalPtr blocked(std::uint64_t n, std::string job, std::uint64_t snapshot, std::map<std::string, bool> fits = {}) {
  return test::EvalBuilder(n, std::move(job)).status(EvalStatus::blocked).with([&](Evaluation& e) {
    e.snapshot_index = {snapshot};
    e.class_eligibility = std::move(fits);
  }).share();
}
std::vector<std::uint64_t> numbers(const std::vector<EvalPtr>& evals) {
  std::vector<std::uint64_t> out;
  for (const auto& eval : evals) out.push_back(eval->create_index.value);
  return out;
}
using Numbers = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("capacity of a class wakes those that may fit there, oldest first", "[leader][blocked]") {
  BlockedEvals evals;
  CHECK(!evals.block(blocked(3, "unknown", 10)));
  CHECK(!evals.block(blocked(1, "fits", 10, {{"big", true}})));
  CHECK(!evals.block(blocked(2, "never", 10, {{"big", false}})));
  CHECK(numbers(evals.unblock("big", {20})) == Numbers{3, 1});
  CHECK(evals.size() == 1);
  CHECK(evals.unblock("big", {21}).empty());
  CHECK(numbers(evals.unblock("other", {22})) == Numbers{2});
}

TEST_CASE("an evaluation whose constraints escape classes is woken by any", "[leader][blocked]") {
  BlockedEvals evals;
  auto eval = *blocked(1, "a", 10, {{"big", false}});
  eval.escaped_computed_class = true;
  evals.block(std::make_shared<const Evaluation>(eval));
  CHECK(numbers(evals.unblock("big", {20})) == Numbers{1});
}

TEST_CASE("an unblock that the snapshot could not show is not missed", "[leader][blocked]") {
  BlockedEvals evals;
  evals.unblock("big", {20});
  CHECK(evals.block(blocked(1, "late", 19)));
  CHECK(evals.size() == 0);
  CHECK(!evals.block(blocked(2, "seen", 20)));
  CHECK(!evals.block(blocked(3, "unfit", 19, {{"big", false}})));
  CHECK(evals.size() == 2);
  evals.prune({20});
  CHECK(!evals.block(blocked(4, "pruned", 19)));
}

TEST_CASE("a job keeps one blocked evaluation, that with the newest snapshot", "[leader][blocked]") {
  BlockedEvals evals;
  evals.block(blocked(1, "a", 10));
  SECTION("a newer one takes the place") {
    evals.block(blocked(2, "a", 15));
    CHECK(numbers(evals.take_duplicates()) == Numbers{1});
    CHECK(evals.holds(*blocked(2, "a", 15)));
  }
  SECTION("an older one is the duplicate") {
    evals.block(blocked(2, "a", 5));
    CHECK(numbers(evals.take_duplicates()) == Numbers{2});
    CHECK(evals.holds(*blocked(1, "a", 10)));
  }
  SECTION("the same one with a newer snapshot is no duplicate") {
    evals.block(blocked(1, "a", 30));
    CHECK(evals.take_duplicates().empty());
    evals.unblock("nothing", {0});
    CHECK(evals.size() == 0);
  }
  CHECK(evals.take_duplicates().empty());
}

TEST_CASE("one that was replaced is looked at anew by a class it did not fit", "[leader][blocked]") {
  BlockedEvals evals;
  evals.block(blocked(1, "a", 10, {{"big", false}}));
  CHECK(evals.unblock("big", {20}).empty());
  evals.block(blocked(2, "a", 30, {{"big", true}}));
  CHECK(numbers(evals.unblock("big", {40})) == Numbers{2});
}

TEST_CASE("a job that is satisfied or gone is forgotten", "[leader][blocked]") {
  BlockedEvals evals;
  evals.block(blocked(1, "a", 10));
  evals.block(blocked(2, "b", 10));
  evals.forget(JobKey{"default", {"a"}});
  evals.forget(JobKey{"default", {"never"}});
  evals.forget(*blocked(7, "b", 10));  // not the one that is kept
  CHECK(evals.size() == 1);
  evals.forget(*blocked(2, "b", 10));
  CHECK(evals.size() == 0);
  CHECK(evals.unblock("big", {20}).empty());
}

TEST_CASE("those out of plan attempts are tried again by time", "[leader][blocked]") {
  BlockedEvals evals;
  evals.block(blocked(1, "a", 10));
  auto tired = *blocked(2, "b", 10);
  tired.triggered_by = trigger::kMaxPlans;
  evals.block(std::make_shared<const Evaluation>(tired));
  CHECK(numbers(evals.unblock_max_plans()) == Numbers{2});
  CHECK(evals.size() == 1);
}
