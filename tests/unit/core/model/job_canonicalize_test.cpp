// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "core/model/job.h"
#include "tests/support/builders.h"
#include "tests/support/printers.h"

using namespace core;
using namespace core::model;
using test::JobBuilder;

namespace {

Job canonical(const std::string& json) {
  const auto document = json::parse(json);
  REQUIRE(document.ok());
  auto job = job_from_api(document->root());
  REQUIRE(job.ok());
  canonicalize(*job, "europe");
  return *job;
}

constexpr const char* kSmall = R"({"ID":"a","Datacenters":["dc1"],"TaskGroups":[{"Name":"g","Tasks":[{"Name":"t","Driver":"exec"}]}]})";

}  // namespace

TEST_CASE("a job that says little gets a service job's defaults", "[model][job]") {
  const auto job = canonical(kSmall);
  CHECK(job.name == "a");
  CHECK(job.region == "europe");
  CHECK(job.ns == "default");
  CHECK(job.type == "service");
  CHECK(job.priority == 50);
  CHECK(job.update == UpdateStrategy{});
  const auto& group = job.groups.at(0);
  CHECK(group.count == 1);
  CHECK(!group.update);
  CHECK(group.migrate == MigrateStrategy{});
  CHECK(group.ephemeral_disk->size_mb == 300);
  CHECK(group.restart_policy->attempts == 2);
  CHECK(group.restart_policy->interval == 30min);
  CHECK(group.reschedule_policy->unlimited == true);
  CHECK(group.reschedule_policy->delay_function == "exponential");
  CHECK(group.consul.text == R"({"Namespace":""})");
  const auto& task = group.tasks.at(0);
  CHECK(task.resources->cpu == 100);
  CHECK(task.resources->memory_mb == 300);
  CHECK(task.log_config->max_files == 10);
  CHECK(task.kill_timeout == 5s);
  CHECK(task.restart_policy == group.restart_policy);
  CHECK(validate(job).empty());
}

TEST_CASE("a batch job restarts and reschedules by its own defaults", "[model][job]") {
  const auto job = JobBuilder().type("batch").build();
  const auto& group = job.groups.at(0);
  CHECK(group.restart_policy->attempts == 3);
  CHECK(group.restart_policy->interval == 24h);
  CHECK(group.reschedule_policy->attempts == 1);
  CHECK(group.reschedule_policy->unlimited == false);
  CHECK(group.reschedule_policy->delay == 5s);
  CHECK(!group.migrate);
}

TEST_CASE("filling in defaults twice changes nothing more", "[model][job]") {
  const auto type = GENERATE(as<std::string>{}, "service", "batch", "system");
  auto job = JobBuilder().type(type).update(2, 10s).group("a", 2).task("t").group("b").build();
  const auto once = job;
  canonicalize(job, "elsewhere");
  CHECK(same_spec(job, once));
}

TEST_CASE("a rolling update is applied only where one was asked for", "[model][job]") {
  SECTION("the job's reaches its groups, with defaults for what it leaves open") {
    const auto job = JobBuilder().update(2, 0s).build();
    REQUIRE(job.groups[0].update);
    CHECK(job.groups[0].update->max_parallel == 2);
    CHECK(job.groups[0].update->stagger == 30s);
    CHECK(job.groups[0].update->health_check == "checks");
    CHECK(job.update.stagger == 30s);
    CHECK(job.update.max_parallel == 2);
    CHECK(job.update.health_check.empty());
  }
  SECTION("a group's keys win over the job's") {
    const auto job = JobBuilder().update(2, 10s).group("g").with([](Job& j) {
      j.groups[0].update.emplace();
      j.groups[0].update->max_parallel = 5;
    }).build();
    CHECK(job.groups[0].update->max_parallel == 5);
    CHECK(job.groups[0].update->stagger == 10s);
  }
}

TEST_CASE("old spellings of targets and attributes become today's", "[model][job][v0.1.2]") {
  const auto [old_target, target] = GENERATE(table<std::string, std::string>({
      {"$attr.kernel.name", "${attr.kernel.name}"},
      {"$attr.arch", "${attr.cpu.arch}"},
      {"${attr.arch}", "${attr.cpu.arch}"},
      {"$attr.hostname", "${attr.unique.hostname}"},
      {"$meta.rack", "${meta.rack}"},
      {"$node.id", "${node.unique.id}"},
      {"$node.name", "${node.unique.name}"},
      {"$node.datacenter", "${node.datacenter}"},
      {"${node.class}", "${node.class}"},
      {"$other", "$other"},
      {"plain", "plain"},
  }));
  const auto job = JobBuilder().constraint(old_target, "", "linux").build();
  CHECK(job.constraints[0].ltarget == target);
  CHECK(job.constraints[0].operand == "=");
  CHECK(job.constraints[0].rtarget == "linux");
}

TEST_CASE("disk that tasks ask for becomes the group's", "[model][job][v0.1.2]") {
  const auto job = JobBuilder().task("a").task("b").with([](Job& j) {
    for (auto& task : j.groups[0].tasks) task.resources->disk_mb = 500;
  }).build();
  CHECK(job.groups[0].ephemeral_disk->size_mb == 1300);
  CHECK(job.groups[0].tasks[0].resources->disk_mb == 0);
  CHECK(job.groups[0].tasks[1].resources->disk_mb == 0);
}

TEST_CASE("limited reschedule attempts need no word on unlimited", "[model][job]") {
  const auto job = JobBuilder().group("g").with([](Job& j) {
    j.groups[0].reschedule_policy.emplace();
    j.groups[0].reschedule_policy->attempts = 3;
    j.groups[0].reschedule_policy->interval = 1h;
  }).build();
  CHECK(job.groups[0].reschedule_policy->unlimited == false);
  CHECK(validate(job).empty());
}

TEST_CASE("services are named after their place", "[model][job]") {
  const auto job = JobBuilder("shop").group("api").task("server").with([](Job& j) {
    Service plain, spelled;
    spelled.name = "${TASK}-of-${JOB}";
    spelled.checks.emplace_back();
    j.groups[0].tasks[0].services = {plain, spelled};
    j.groups[0].services.emplace_back();
  }).build();
  CHECK(job.groups[0].tasks[0].services[0].name == "shop-api-server");
  CHECK(job.groups[0].tasks[0].services[1].name == "server-of-shop");
  CHECK(job.groups[0].tasks[0].services[1].checks[0].name == "service: \"server-of-shop\" check");
  CHECK(job.groups[0].services[0].name == "shop-api");
  CHECK(job.groups[0].services[0].address_mode == "auto");
}

TEST_CASE("tokens never survive", "[model][job]") {
  const auto job = JobBuilder().with([](Job& j) {
    j.vault_token = "secret";
    j.consul_token = "secret";
  }).build();
  CHECK(to_json(job).find("secret") == std::string::npos);
}

TEST_CASE("a scaling policy's minimum is the count when none is given", "[model][job]") {
  const auto job = canonical(R"({"ID":"a","Datacenters":["dc1"],"TaskGroups":[{"Name":"g","Scaling":{"Min":3,"Max":9},
    "Tasks":[{"Name":"t","Driver":"exec"}]}]})");
  CHECK(job.groups[0].count == 3);
}
