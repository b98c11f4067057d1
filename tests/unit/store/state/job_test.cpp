// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "tests/support/builders.h"
#include "tests/support/printers.h"
#include "tests/unit/store/state/feed.h"

using namespace core;
using namespace core::model;
using test::EvalBuilder;
using test::facts;
using test::Fed;
using test::JobBuilder;

namespace {

JobRegistered registered(const Job& job, std::uint64_t eval) {
  JobRegistered event;
  event.job = job;
  event.evals = {EvalBuilder(eval, job).build()};
  return event;
}

const JobKey kWeb{"default", {"web"}};

}  // namespace

TEST_CASE("a new job is version 0, pending, and shares its index with its evaluation", "[state]") {
  Fed fed;
  const auto applied = fed.apply(registered(JobBuilder("web").build(), 1));
  REQUIRE(applied.outcome.ok());
  CHECK(applied.job_modify_index == Index{1});
  CHECK(applied.eval_create_index == Index{1});

  const auto job = fed.view().job(kWeb);
  REQUIRE(job);
  CHECK(job->version == 0);
  CHECK(job->status == JobStatus::pending);
  CHECK(job->create_index == Index{1});
  CHECK(job->modify_index == Index{1});
  CHECK(job->job_modify_index == Index{1});
  const auto eval = fed.view().eval(EvalId{test::uuid(1)});
  REQUIRE(eval);
  CHECK(eval->job_modify_index == Index{1});
  CHECK(eval->create_index == Index{1});
  CHECK(eval->create_time == fed.feed.time());
  CHECK(facts<JobChanged>(fed.changes).size() == 1);
  CHECK(facts<EvalChanged>(fed.changes).size() == 1);
}

TEST_CASE("registering an unchanged spec makes no version, only an evaluation", "[state]") {
  Fed fed;
  fed.done(registered(JobBuilder("web").build(), 1));
  const auto applied = fed.apply(registered(JobBuilder("web").build(), 2));
  CHECK(applied.job_modify_index == Index{1});
  CHECK(applied.eval_create_index == Index{2});
  CHECK(fed.view().job(kWeb)->version == 0);
  CHECK(fed.view().job(kWeb)->modify_index == Index{1});
  CHECK(fed.view().eval(EvalId{test::uuid(2)})->job_modify_index == Index{1});
}

TEST_CASE("a changed spec is the next version", "[state]") {
  Fed fed;
  fed.done(registered(JobBuilder("web").build(), 1));
  const auto applied = fed.apply(registered(JobBuilder("web").count(5).build(), 2));
  CHECK(applied.job_modify_index == Index{2});
  const auto job = fed.view().job(kWeb);
  CHECK(job->version == 1);
  CHECK(job->create_index == Index{1});
  CHECK(job->job_modify_index == Index{2});
}

TEST_CASE("an enforced index is checked against the job as it is when the entry is applied", "[state]") {
  Fed fed;
  auto event = registered(JobBuilder("web").build(), 1);
  event.enforce_index = true;

  SECTION("a job that must exist does not") {
    event.job_modify_index = Index{7};
    CHECK(fed.refused(event).detail == "Enforcing job modify index 7: job does not exist");
    CHECK(fed.view().job(kWeb) == nullptr);
    CHECK(fed.state.applied().index == Index{1});
    CHECK(fed.view().index() == Index{1});
  }
  SECTION("a job that must not exist does") {
    fed.done(event);
    CHECK(fed.refused(event).detail == "Enforcing job modify index 0: job already exists");
  }
  SECTION("a job was changed meanwhile") {
    fed.done(event);
    event.job_modify_index = Index{9};
    CHECK(fed.refused(event).detail ==
          "Enforcing job modify index 9: job exists with conflicting job modify index: 1");
    event.job_modify_index = Index{1};
    event.job = JobBuilder("web").count(2).build();
    CHECK(fed.apply(event).outcome.ok());
  }
}

TEST_CASE("a job keeps its type and stays periodic, or not", "[state]") {
  Fed fed;
  fed.done(registered(JobBuilder("web").build(), 1));
  CHECK(fed.refused(registered(JobBuilder("web").type("batch").build(), 2)).detail ==
        "cannot update job from type \"service\" to \"batch\"");
  auto periodic = JobBuilder("web").build();
  periodic.periodic.text = R"({"Spec":"@daily"})";
  CHECK(fed.refused(registered(periodic, 3)).detail == "cannot update non-periodic job to being periodic");
  CHECK(fed.view().eval(EvalId{test::uuid(2)}) == nullptr);
}

TEST_CASE("preserved counts are those of the stored job", "[state]") {
  Fed fed;
  fed.done(registered(JobBuilder("web").count(7).build(), 1));
  auto event = registered(JobBuilder("web").count(1).with([](Job& job) { job.meta["a"] = "b"; }).build(), 2);
  event.preserve_counts = true;
  fed.done(event);
  const auto job = fed.view().job(kWeb);
  CHECK(job->version == 1);
  CHECK(job->groups.front().count == 7);
}

TEST_CASE("tokens are never stored", "[state]") {
  Fed fed;
  fed.done(registered(JobBuilder("web").with([](Job& job) { job.vault_token = job.consul_token = "s3cret"; }).build(), 1));
  CHECK(fed.view().job(kWeb)->vault_token.empty());
  CHECK(fed.view().job(kWeb)->consul_token.empty());
}

TEST_CASE("a stopped job stays, as a version of its own", "[state]") {
  Fed fed;
  fed.done(registered(JobBuilder("web").build(), 1));
  const auto applied = fed.apply(JobDeregistered{kWeb, false, {EvalBuilder(2, "web").build()}});
  CHECK(applied.job_modify_index == Index{2});
  const auto job = fed.view().job(kWeb);
  REQUIRE(job);
  CHECK(job->stop);
  CHECK(job->version == 1);
  CHECK(job->status == JobStatus::pending);  // its evaluations are open

  SECTION("and stopping it again changes nothing but adds an evaluation") {
    fed.done(JobDeregistered{kWeb, false, {EvalBuilder(3, "web").build()}});
    CHECK(fed.view().job(kWeb)->version == 1);
    CHECK(fed.view().eval(EvalId{test::uuid(3)}) != nullptr);
  }
  SECTION("and the same spec starts it again") {
    fed.done(registered(JobBuilder("web").build(), 3));
    CHECK_FALSE(fed.view().job(kWeb)->stop);
    CHECK(fed.view().job(kWeb)->version == 2);
  }
}

TEST_CASE("purging removes a job at once; an unknown one is no mistake", "[state]") {
  Fed fed;
  fed.done(registered(JobBuilder("web").build(), 1));
  fed.done(JobDeregistered{kWeb, true, {EvalBuilder(2, "web").build()}});
  CHECK(fed.view().job(kWeb) == nullptr);
  CHECK(facts<JobRemoved>(fed.changes).size() == 1);
  fed.done(JobDeregistered{kWeb, true, {EvalBuilder(3, "web").build()}});
  CHECK(fed.view().eval(EvalId{test::uuid(3)}) != nullptr);

  SECTION("registered again it begins anew") {
    fed.done(registered(JobBuilder("web").build(), 4));
    CHECK(fed.view().job(kWeb)->version == 0);
    CHECK(fed.view().job(kWeb)->create_index == Index{4});
  }
}

TEST_CASE("a job's status follows its evaluations", "[state]") {
  Fed fed;
  fed.done(registered(JobBuilder("web").build(), 1));
  auto eval = *fed.view().eval(EvalId{test::uuid(1)});
  eval.status = EvalStatus::complete;
  fed.done(EvalsUpdated{{eval}});
  const auto job = fed.view().job(kWeb);
  CHECK(job->status == JobStatus::dead);
  CHECK(job->modify_index == Index{2});
  CHECK(job->job_modify_index == Index{1});
  CHECK(job->version == 0);
}

TEST_CASE("system, periodic and parameterized jobs run until they are stopped", "[state]") {
  Fed fed;
  auto job = JobBuilder("web").type("batch").build();
  SECTION("system") { job = JobBuilder("web").type("system").build(); }
  SECTION("periodic") { job.periodic.text = R"({"Spec":"@daily"})"; }
  SECTION("parameterized") { job.parameterized.text = R"({"Payload":"optional"})"; }
  JobRegistered event;
  event.job = job;
  fed.done(event);
  CHECK(facts<JobChanged>(fed.changes).size() == 1);
  CHECK(fed.view().job(kWeb)->status == JobStatus::running);
  fed.done(JobDeregistered{kWeb, false, {}});
  CHECK(fed.view().job(kWeb)->status == JobStatus::dead);
}
