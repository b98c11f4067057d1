// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "core/model/job.h"
#include "tests/support/builders.h"
#include "tests/support/printers.h"

using namespace core;
using namespace core::model;
using test::JobBuilder;

namespace {

// Is `part` somewhere in what is wrong with the job?
bool complains(const Job& job, const std::string& part) {
  const auto text = multi_error(validate(job));
  UNSCOPED_INFO(text);
  return text.find(part) != std::string::npos;
}
template <class Change>
Job changed(Change&& change) {
  auto job = JobBuilder().build();
  change(job);
  return job;
}
Task& task(Job& job) { return job.groups[0].tasks[0]; }

}  // namespace

TEST_CASE("an ordinary job may be registered", "[model][job]") {
  CHECK(validate(JobBuilder().build()).empty());
  CHECK(validate(JobBuilder().type("batch").update(1, 10s).build()).empty());
  CHECK(validate(JobBuilder().port("http").static_port("admin", 8080).build()).empty());
}

TEST_CASE("errors are told in Nomad's words", "[model][job]") {
  CHECK(complains(changed([](Job& j) { j.id = {}; }), "Missing job ID"));
  CHECK(complains(changed([](Job& j) { j.id.text = "a b"; }), "Job ID contains a space"));
  CHECK(complains(changed([](Job& j) { j.id.text = std::string("a\0b", 3); }), "Job ID contains a null character"));
  CHECK(complains(changed([](Job& j) { j.id.text = std::string(513, 'x'); }), "longer than 512 bytes"));
  CHECK(complains(changed([](Job& j) { j.region = {}; }), "Missing job region"));
  CHECK(complains(changed([](Job& j) { j.type = "x"; }), "Invalid job type: \"x\""));
  CHECK(complains(changed([](Job& j) { j.type = "_core"; }), "job type cannot be core"));
  CHECK(complains(changed([](Job& j) { j.priority = 0; }), "Job priority must be between [1, 100]"));
  CHECK(complains(changed([](Job& j) { j.priority = 101; }), "Job priority must be between [1, 100]"));
  CHECK(complains(changed([](Job& j) { j.datacenters = {}; }), "Missing job datacenters"));
  CHECK(complains(changed([](Job& j) { j.groups = {}; }), "Missing job task groups"));
  CHECK(complains(changed([](Job& j) { j.groups.push_back(j.groups[0]); }),
                  "Job task group 2 redefines 'web' from group 1"));
  CHECK(complains(changed([](Job& j) { j.groups[0].name = {}; }), "Job task group 1 missing name"));
  CHECK(complains(changed([](Job& j) { j.groups[0].count = -1; }), "Task group count can't be negative"));
  CHECK(complains(changed([](Job& j) { j.groups[0].count = 100'001; }), "Task group count can't be over"));
  CHECK(complains(changed([](Job& j) { j.groups[0].tasks = {}; }), "Missing tasks for task group"));
  CHECK(complains(changed([](Job& j) { task(j).driver = {}; }), "Missing task driver"));
  CHECK(complains(changed([](Job& j) { task(j).name = "a/b"; }), "Task name cannot include slashes"));
  CHECK(complains(changed([](Job& j) { task(j).resources->memory_mb = 9; }), "minimum MemoryMB value is 10; got 9"));
  CHECK(complains(changed([](Job& j) { task(j).resources->cpu = -5; }), "minimum CPU value is 1; got -5"));
  CHECK(complains(changed([](Job& j) { j.groups[0].ephemeral_disk->size_mb = 9; }), "minimum DiskMB value is 10; got 9"));
  CHECK(complains(changed([](Job& j) { task(j).log_config->max_files = 30; }), "log storage"));
  CHECK(complains(changed([](Job& j) { task(j).kill_timeout = -1s; }), "KillTimeout must be a positive value"));
}

TEST_CASE("errors nest as their owners do", "[model][job]") {
  const auto job = changed([](Job& j) { task(j).driver = {}; });
  CHECK(multi_error(validate(job)) ==
        "1 error occurred:\n\t* Task group web validation failed: 1 error occurred:\n"
        "\t* Task server validation failed: 1 error occurred:\n\t* Missing task driver\n\n\n\n\n\n");
  CHECK(multi_error({"a", "b"}) == "2 errors occurred:\n\t* a\n\t* b\n\n");
}

TEST_CASE("constraints need what their operand asks for", "[model][job]") {
  const auto with = [](std::string l, std::string op, std::string r) { return JobBuilder().constraint(l, op, r).build(); };
  CHECK(complains(with("${attr.a}", "=", ""), "Operator \"=\" requires an RTarget"));
  CHECK(complains(with("${attr.a}", "set_contains", ""), "Set contains constraint requires an RTarget"));
  CHECK(complains(with("${attr.a}", "is_set", "x"), "Operator \"is_set\" does not support an RTarget"));
  CHECK(complains(with("", "=", "x"), "No LTarget provided but is required by constraint"));
  CHECK(complains(with("${attr.a}", "zz", "x"), "Unknown constraint type \"zz\""));
  CHECK(complains(with("${meta.rack}", "distinct_property", "0"), "allowed count of 1 or greater"));
  CHECK(complains(with("${meta.rack}", "distinct_property", "x"), "Failed to convert RTarget \"x\" to uint64"));
  CHECK(validate(with("", "distinct_hosts", "true")).empty());
  CHECK(validate(with("${meta.rack}", "distinct_property", "")).empty());
  CHECK(validate(with("${attr.a}", "is_not_set", "")).empty());
  CHECK(complains(changed([](Job& j) { task(j).constraints = {{"", "", "distinct_hosts"}}; }),
                  "disallowed Operand at task level: distinct_hosts"));
}

TEST_CASE("affinities and spreads keep to their ranges", "[model][job]") {
  CHECK(complains(changed([](Job& j) { j.affinities = {{"${attr.a}", "x", "=", 0}}; }), "Affinity weight cannot be zero"));
  CHECK(complains(changed([](Job& j) { j.affinities = {{"${attr.a}", "x", "=", 101}}; }), "within the range [-100,100]"));
  CHECK(complains(changed([](Job& j) { j.spreads = {{"", 50, {}}}; }), "Missing spread attribute"));
  CHECK(complains(changed([](Job& j) { j.spreads = {{"${node.datacenter}", 50, {{"a", 60}, {"b", 60}}}}; }),
                  "must not be greater than 100%; got 120%"));
  CHECK(complains(changed([](Job& j) { j.spreads = {{"${node.datacenter}", 50, {{"a", 1}, {"a", 2}}}}; }),
                  "Spread target value \"a\" already defined"));
}

TEST_CASE("restart and reschedule policies must be possible", "[model][job]") {
  const auto restart = [](std::int64_t attempts, Duration interval, Duration delay, std::string mode) {
    return changed([&](Job& j) { j.groups[0].restart_policy = RestartPolicy{attempts, interval, delay, mode}; });
  };
  CHECK(complains(restart(2, 30min, 15s, "x"), "Unsupported restart mode: \"x\""));
  CHECK(complains(restart(0, 30min, 15s, "delay"), "Restart policy \"delay\" with 0 attempts is ambiguous"));
  CHECK(complains(restart(2, 1s, 0s, "fail"), "Interval can not be less than 5s (got 1s)"));
  CHECK(complains(restart(10, 1min, 15s, "fail"), "Nomad can't restart the TaskGroup 10 times in an interval of 1m0s with a delay of 15s"));
  CHECK(validate(restart(4, 1min, 15s, "fail")).empty());

  const auto reschedule = [](std::int64_t attempts, Duration interval, Duration delay, std::string function, Duration ceiling) {
    return changed([&](Job& j) {
      j.groups[0].reschedule_policy = ReschedulePolicy{attempts, interval, delay, ceiling, function, attempts == 0};
    });
  };
  CHECK(complains(reschedule(0, 0s, 1s, "exponential", 1h), "Delay cannot be less than 5s (got 1s)"));
  CHECK(complains(reschedule(0, 0s, 10s, "x", 1h), "Invalid delay function \"x\""));
  CHECK(complains(reschedule(0, 0s, 10s, "fibonacci", 5s), "Max Delay cannot be less than Delay 10s (got 5s)"));
  CHECK(complains(reschedule(5, 0s, 10s, "constant", 0s), "Interval must be a non zero value if Attempts > 0"));
  CHECK(complains(reschedule(7, 1min, 10s, "constant", 0s), "Nomad can only make 6 attempts in 1m0s with initial delay 10s"));
  CHECK(validate(reschedule(6, 1min, 10s, "constant", 0s)).empty());
  // 10 + 20 + 40 + 40 + 40
  CHECK(validate(reschedule(5, 150s, 10s, "exponential", 40s)).empty());
  CHECK(complains(reschedule(6, 150s, 10s, "exponential", 40s), "can only make 5 attempts"));
  // 10 + 10 + 20 + 30 + 50
  CHECK(validate(reschedule(5, 120s, 10s, "fibonacci", 1h)).empty());
  CHECK(complains(reschedule(1'000'000'000'000, 24h * 365 * 200, 5s, "constant", 0s), "can only make"));
}

TEST_CASE("ports of one group do not collide", "[model][job]") {
  CHECK(complains(JobBuilder().static_port("a", 80).static_port("b", 80).build(), "Static port 80 already reserved by taskgroup network:a"));
  CHECK(complains(JobBuilder().port("a").static_port("a", 80).build(), "Port label a already in use by taskgroup network"));
  CHECK(complains(JobBuilder().static_port("a", 0).build(), "is not between 1 and 65535"));
  const auto two_tasks = JobBuilder().task("x").task("y").with([](Job& j) {
    for (auto& t : j.groups[0].tasks) {
      t.resources->networks.emplace_back();
      t.resources->networks[0].dynamic_ports = {{.label = "http"}};
    }
  }).build();
  CHECK(validate(two_tasks).empty());  // each task has labels of its own
}

TEST_CASE("what would not be run is refused, not ignored", "[model][job]") {
  const auto raw = [](const char* text) { return json::Raw{text}; };
  CHECK(complains(JobBuilder().type("system").build(), "job type \"system\" is not supported"));
  CHECK(complains(changed([&](Job& j) { j.periodic = raw("{}"); }), "periodic jobs are not supported"));
  CHECK(complains(changed([&](Job& j) { j.parameterized = raw("{}"); }), "parameterized jobs are not supported"));
  CHECK(complains(changed([&](Job& j) { j.groups[0].volumes = raw("{\"v\":{}}"); }), "group volumes are not supported"));
  CHECK(complains(changed([&](Job& j) { task(j).vault = raw("{}"); }), "Task server: vault is not supported"));
  CHECK(complains(changed([&](Job& j) { task(j).templates = raw("[{}]"); }), "templates are not supported"));
  CHECK(complains(changed([&](Job& j) { task(j).artifacts = raw("[{}]"); }), "artifacts are not supported"));
  CHECK(complains(changed([&](Job& j) { task(j).lifecycle.emplace(); }), "lifecycle hooks are not supported"));
  CHECK(complains(changed([&](Job& j) { task(j).resources->devices = raw("[{}]"); }), "devices are not supported"));
  CHECK(complains(JobBuilder().port("a").with([](Job& j) { j.groups[0].networks[0].mode = "bridge"; }).build(),
                  "network mode \"bridge\" is not supported"));
  CHECK(validate(changed([&](Job& j) {
          task(j).templates = raw("[]");
          task(j).artifacts = raw("null");
          j.groups[0].volumes = raw("{}");
        })).empty());
}

TEST_CASE("the same words are the same spec, whatever servers wrote into the job", "[model][job]") {
  const auto job = JobBuilder().build();
  CHECK(same_spec(job, JobBuilder().version(7).index(3, 9).build()));
  CHECK(!same_spec(job, JobBuilder().count(2).build()));
  CHECK(!same_spec(job, JobBuilder().priority(51).build()));
  CHECK(!same_spec(job, JobBuilder().task("server", 101).build()));
}
