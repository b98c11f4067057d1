// SPDX-License-Identifier: MPL-2.0
#include "tests/unit/core/jobspec/jobs.h"

using namespace std::chrono_literals;
using namespace test::jobspec;

TEST_CASE("the example of the first releases is read and is valid", "[jobspec]") {
  const bool hcl1 = GENERATE(false, true);
  CAPTURE(hcl1);
  core::jobspec::Options options;
  options.hcl1 = hcl1;
  auto job = parsed(kFirstExample, options);
  CHECK(job.id.text == "example");
  CHECK(job.name == "example");
  CHECK(job.datacenters == std::vector<std::string>{"dc1"});
  REQUIRE(job.constraints.size() == 1);
  CHECK(job.constraints[0].ltarget == "$attr.kernel.name");
  CHECK(job.constraints[0].rtarget == "linux");
  CHECK(job.update.stagger == 10s);
  CHECK(job.update.max_parallel == 1);
  REQUIRE(job.groups.size() == 1);
  const auto& task = job.groups[0].tasks.at(0);
  CHECK(task.config.at("image").text == R"("redis:latest")");
  CHECK(task.resources->cpu == 500);
  CHECK(task.resources->networks.at(0).dynamic_ports.at(0).label == "6379");
  core::model::canonicalize(job, "global");
  CHECK(core::model::validate(job) == std::vector<std::string>{});
}

TEST_CASE("the example of later releases is read and is valid", "[jobspec]") {
  auto job = parsed(kLaterExample);
  REQUIRE(job.groups.size() == 1);
  const auto& group = job.groups[0];
  CHECK(group.count == 1);
  CHECK(group.networks.at(0).dynamic_ports.at(0).label == "db");
  CHECK(group.networks.at(0).dynamic_ports.at(0).to == 6379);
  CHECK(group.services.at(0).name == "redis-cache");
  CHECK(group.services.at(0).tags == std::vector<std::string>{"global", "cache"});
  CHECK(group.restart_policy->interval == core::Duration(30min));
  CHECK(group.ephemeral_disk->size_mb == 300);
  CHECK(group.update->healthy_deadline == 3min);
  CHECK(group.migrate->healthy_deadline == 5min);
  CHECK(group.tasks.at(0).config.at("ports").text == R"(["db"])");
  core::model::canonicalize(job, "global");
  CHECK(core::model::validate(job) == std::vector<std::string>{});
}

TEST_CASE("an HCL job as JSON equals the same job in HCL", "[jobspec][json]") {
  const auto json = parsed(R"({"job": {"a": {
    "datacenters": ["dc1"], "priority": 60, "meta": {"x": "y"},
    "constraint": {"attribute": "$attr.kernel.name", "value": "linux"},
    "update": {"stagger": "10s", "max_parallel": 2},
    "group": {"g": {"count": 2, "task": {"t": {
       "driver": "exec", "config": {"command": "/bin/date", "args": "-u"}, "env": {"K": "v"},
       "resources": {"cpu": 100, "memory": 10, "network": {"mbits": 1, "dynamic_ports": ["http"]}}}}},
      "h": {}}}}})");
  const auto hcl = parsed(R"(job "a" {
    datacenters = ["dc1"]
    priority = 60
    meta { x = "y" }
    constraint {
      attribute = "$attr.kernel.name"
      value = "linux"
    }
    update { stagger = "10s" max_parallel = 2 }
    group "g" {
      count = 2
      task "t" {
        driver = "exec"
        config { command = "/bin/date" args = "-u" }
        env { K = "v" }
        resources {
          cpu = 100
          memory = 10
          network { mbits = 1 dynamic_ports = ["http"] }
        }
      }
    }
    group "h" {}
  })");
  CHECK(core::to_json(json) == core::to_json(hcl));
}

TEST_CASE("repeated blocks in JSON are a repeated key or an array of objects", "[jobspec][json]") {
  const auto text =
      GENERATE(R"({"job":{"a":{"constraint":{"attribute":"x"},"constraint":{"attribute":"y"}}}})",
               R"({"job":{"a":{"constraint":[{"attribute":"x"},{"attribute":"y"}]}}})",
               R"({"job":[{"a":{"constraint":[{"attribute":"x"},{"attribute":"y"}]}}]})");
  const auto job = parsed(text);
  REQUIRE(job.constraints.size() == 2);
  CHECK(job.constraints[1].ltarget == "y");
}

TEST_CASE("strings in JSON have JSON's escapes and hold templates", "[jobspec][json]") {
  const auto job = parsed(R"({"variable": {"v": {"default": "w"}}, "job": {"a": {"meta": {
    "escapes": "a\/b\té😀", "template": "<${upper(\"x\")}${var.v}>", "run_time": "${env[\"a.b\"]}"}}}})");
  CHECK(job.meta.at("escapes") == "a/b\t\xC3\xA9\xF0\x9F\x98\x80");
  CHECK(job.meta.at("template") == "<Xw>");
  CHECK(job.meta.at("run_time") == "${env[\"a.b\"]}");
}

TEST_CASE("the API's own JSON is a job file too", "[jobspec][json]") {
  const auto job = parsed(R"( {"Job": {"ID": "x", "Priority": 70, "TaskGroups": [{"Name": "g", "Tasks": [
    {"Name": "t", "Driver": "exec", "Resources": {"Networks": [{"DynamicPorts": ["http"]}]}}]}]}})");
  CHECK(job.id.text == "x");
  CHECK(job.priority == 70);
  CHECK(job.groups.at(0).tasks.at(0).resources->networks.at(0).dynamic_ports.at(0).label == "http");
  CHECK(refusal(R"({"Job": {"ID": 7}})").find("test.nomad: ID: expected a string") == 0);
}
