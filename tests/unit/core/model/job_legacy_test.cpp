// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "core/model/job.h"
#include "tests/support/builders.h"
#include "tests/support/printers.h"

using namespace core;
using namespace core::model;

namespace {

Result<Job> read(const std::string& json) {
  const auto document = json::parse(json);
  REQUIRE(document.ok());
  return job_from_api(document->root());
}

}  // namespace

TEST_CASE("a job as a v0.1.2 client sends it is read whole", "[model][job][v0.1.2]") {
  auto job = read(R"({"Region":"global","ID":"old1","Name":"old1","Type":"service","Priority":50,"AllAtOnce":false,
   "Datacenters":["dc1"],"Constraints":[{"Hard":true,"LTarget":"$attr.kernel.name","RTarget":"linux",
   "Operand":"=","Weight":0},{"Hard":false,"LTarget":"$attr.arch","RTarget":"s390","Operand":"=","Weight":50}],
   "TaskGroups":[{"Name":"g","Count":1,"Constraints":[{"Hard":false,"LTarget":"a","RTarget":"b"}],"Tasks":[{"Name":"t",
   "Driver":"exec","Config":{"command":"/bin/sleep","args":"3600"},"Constraints":[{"Hard":false},{"LTarget":"x","RTarget":"y"}],
   "Env":null,"Resources":{"CPU":20,"MemoryMB":16,"DiskMB":0,"IOPS":0,"Networks":[{"Public":false,"CIDR":"",
   "ReservedPorts":[12345],"DynamicPorts":["http"],"MBits":1}]},"Meta":null}],"Meta":null}],"Meta":null,
   "Status":"","StatusDescription":"","CreateIndex":0,"ModifyIndex":0})");
  REQUIRE(job.ok());
  REQUIRE(job->constraints.size() == 1);
  CHECK(job->constraints[0].rtarget == "linux");
  CHECK(job->groups[0].constraints.empty());
  const auto& task = job->groups[0].tasks[0];
  REQUIRE(task.constraints.size() == 1);
  CHECK(task.constraints[0].ltarget == "x");
  CHECK(task.config.at("args").text == "\"3600\"");
  REQUIRE(task.resources->networks.size() == 1);
  CHECK(task.resources->networks[0].reserved_ports[0].value == 12345);
  CHECK(task.resources->networks[0].dynamic_ports[0].label == "http");
  canonicalize(*job, "global");
  CHECK(validate(*job).empty());
}

TEST_CASE("policies at job level reach every group that has none", "[model][job]") {
  const auto job = read(R"({"ID":"a","Migrate":{"MaxParallel":4},"Reschedule":{"Delay":60000000000,"Attempts":2},
    "TaskGroups":[{"Name":"g"},{"Name":"h","Migrate":{"MaxParallel":1},"ReschedulePolicy":{"Attempts":7}}]})");
  REQUIRE(job.ok());
  CHECK(job->groups[0].migrate->max_parallel == 4);
  CHECK(job->groups[0].reschedule_policy->attempts == 2);
  CHECK(job->groups[1].migrate->max_parallel == 1);
  CHECK(job->groups[1].reschedule_policy->attempts == 7);
  CHECK(job->groups[1].reschedule_policy->delay == 60s);
}

TEST_CASE("what only servers write is not taken from a client", "[model][job]") {
  const auto job = read(R"({"ID":"a","Status":"running","CreateIndex":7,"SubmitTime":5,"JobModifyIndex":9,"Stop":true})");
  REQUIRE(job.ok());
  CHECK(job->status == JobStatus::pending);
  CHECK(job->create_index == Index{0});
  CHECK(!job->submit_time.set());
  CHECK(job->stop);
  CHECK(job->job_modify_index == Index{9});
}

TEST_CASE("a job of the wrong shape is refused with its place", "[model][job]") {
  const auto [text, part] = GENERATE(table<std::string, std::string>({
      {R"([])", "expected an object"},
      {R"({"ID":5})", "ID: "},
      {R"({"Priority":"high"})", "Priority: "},
      {R"({"TaskGroups":[{"Tasks":[{"Resources":{"CPU":1.5}}]}]})", "TaskGroups: [0]: Tasks: [0]: Resources: CPU"},
      {R"({"Migrate":[]})", "Migrate: "},
  }));
  const auto job = read(text);
  REQUIRE(!job.ok());
  CAPTURE(job.error().detail);
  CHECK(job.error().detail.find(part) != std::string::npos);
}
