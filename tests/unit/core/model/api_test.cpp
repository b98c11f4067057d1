// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "core/model/job_summary.h"
#include "core/model/plan.h"
#include "core/model/shape.h"
#include "tests/support/builders.h"
#include "tests/support/printers.h"

using namespace core;
using namespace core::model;
using test::AllocBuilder;
using test::EvalBuilder;
using test::JobBuilder;
using test::NodeBuilder;

namespace {

// The text of the member at a path of names, "" where there is none.
std::string at(const std::string& json, std::initializer_list<std::string_view> path) {
  const auto document = json::parse(json);
  REQUIRE(document.ok());
  auto value = document->root();
  for (const auto name : path) {
    if (value.kind() == json::Kind::array) {
      value = value.element(static_cast<std::size_t>(name[0] - '0'));
      continue;
    }
    const auto found = value.find(name);
    if (!found.present) return "";
    value = found.value;
  }
  return value.text();
}

AllocPtr with_ports() {
  const auto job = JobBuilder().static_port("admin", 8080).port("web").port("api").share();
  return AllocBuilder(job, NodeBuilder().share()).with([](Allocation& a) {
    auto& network = a.shared.networks[0];
    network.ip = "192.168.0.100";
    network.dynamic_ports[0].value = 20001;
    network.dynamic_ports[1].value = 20002;
  }).share();
}

}  // namespace

TEST_CASE("a job's answer hides tokens and has every member", "[model][api]") {
  auto job = JobBuilder().build();
  job.vault_token = "secret";
  const auto json = job_to_api(job);
  CHECK(at(json, {"VaultToken"}) == "\"\"");
  CHECK(at(json, {"Constraints"}) == "null");
  CHECK(at(json, {"Update", "MaxParallel"}) == "0");
  CHECK(at(json, {"TaskGroups", "0", "Update"}) == "null");
  CHECK(at(json, {"TaskGroups", "0", "RestartPolicy", "Interval"}) == "1800000000000");
  CHECK(at(json, {"Status"}) == "\"pending\"");
}

TEST_CASE("an old client reads ports as labels and numbers, and config as text", "[model][api][v0.1.2]") {
  const auto job = JobBuilder().static_port("admin", 8080).port("web").task("server").with([](Job& j) {
    j.groups[0].tasks[0].config = {{"args", {R"(["-c","a b",3])"}}, {"port", {"8080"}}, {"on", {"true"}},
                                   {"map", {R"({"a":1})"}}, {"deep", {R"([["x"]])"}}, {"text", {R"("plain")"}}};
  }).build();
  const auto json = job_to_api(job, Shape::v0_1_2);
  CHECK(at(json, {"TaskGroups", "0", "Networks", "0", "ReservedPorts"}) == "[8080]");
  CHECK(at(json, {"TaskGroups", "0", "Networks", "0", "DynamicPorts"}) == R"(["web"])");
  const auto config = [&](const char* name) { return at(json, {"TaskGroups", "0", "Tasks", "0", "Config", name}); };
  CHECK(config("args") == R"("-c a b 3")");
  CHECK(config("port") == R"("8080")");
  CHECK(config("on") == R"("true")");
  CHECK(config("map") == R"("{\"a\":1}")");
  CHECK(config("deep") == R"("[[\"x\"]]")");
  CHECK(config("text") == R"("plain")");
  CHECK(at(job_to_api(job), {"TaskGroups", "0", "Networks", "0", "ReservedPorts", "0", "Value"}) == "8080");
}

TEST_CASE("a v0.1.2 allocation lists static ports, then dynamic ones by label", "[model][api][v0.1.2]") {
  const auto json = alloc_to_api(*with_ports(), "", Shape::v0_1_2);
  CHECK(at(json, {"SharedResources", "Networks", "0", "ReservedPorts"}) == "[8080,20002,20001]");
  CHECK(at(json, {"Resources", "Networks", "0", "DynamicPorts"}) == R"(["web","api"])");
}

TEST_CASE("an allocation's answer has resources in both forms", "[model][api]") {
  const auto alloc = with_ports();
  const auto json = alloc_to_api(*alloc, R"({"ID":"example"})");
  CHECK(at(json, {"Job", "ID"}) == "\"example\"");
  CHECK(at(json, {"Resources", "CPU"}) == "100");
  CHECK(at(json, {"Resources", "DiskMB"}) == "300");
  CHECK(at(json, {"TaskResources", "server", "MemoryMB"}) == "64");
  CHECK(at(json, {"AllocatedResources", "Tasks", "server", "Cpu", "CpuShares"}) == "100");
  CHECK(at(json, {"AllocatedResources", "Tasks", "server", "Memory", "MemoryMB"}) == "64");
  CHECK(at(json, {"AllocatedResources", "TaskLifecycles", "server"}) == "null");
  CHECK(at(json, {"AllocatedResources", "Shared", "DiskMB"}) == "300");
  CHECK(at(json, {"AllocatedResources", "Shared", "Ports", "1"}) ==
        R"({"Label":"web","Value":20001,"To":0,"HostIP":"192.168.0.100"})");
  CHECK(at(json, {"DesiredStatus"}) == "\"run\"");
  CHECK(at(json, {"NextAllocation"}).empty());             // zero members are left out
  CHECK(at(json, {"Metrics", "NodesEvaluated"}) == "0");    // but not this one
}

TEST_CASE("an allocation's stub always has its members", "[model][api]") {
  const auto alloc = with_ports();
  const auto stub = alloc_stub_to_api(*alloc, "service");
  CHECK(at(stub, {"JobType"}) == "\"service\"");
  CHECK(at(stub, {"TaskStates"}) == "null");
  CHECK(at(stub, {"DeploymentStatus"}) == "null");
  CHECK(at(stub, {"FollowupEvalID"}) == "\"\"");
  CHECK(at(stub, {"AllocatedResources"}).empty());
  CHECK(at(alloc_stub_to_api(*alloc, "service", true), {"AllocatedResources", "Shared", "DiskMB"}) == "300");
}

TEST_CASE("task events read as sentences", "[model][api]") {
  const auto event = [](std::string type, std::map<std::string, std::string> details) {
    TaskEvent e;
    e.type = std::move(type);
    e.details = std::move(details);
    return display_message(e);
  };
  CHECK(event("Received", {}) == "Task received by client");
  CHECK(event("Terminated", {{"exit_code", "137"}, {"signal", "9"}, {"exit_message", "oom"}}) ==
        "Exit Code: 137, Signal: 9, Exit Message: \"oom\"");
  CHECK(event("Terminated", {{"exit_code", "0"}, {"signal", "0"}}) == "Exit Code: 0");
  CHECK(event("Restarting", {{"start_delay", "15000000000"}, {"restart_reason", "Restart within policy"}}) ==
        "Task restarting in 15s");
  CHECK(event("Restarting", {{"start_delay", "1500000000"}, {"restart_reason", "Too often"}}) ==
        "Too often - Task restarting in 1.5s");
  CHECK(event("Killing", {{"kill_timeout", "5000000000"}}) == "Sent interrupt. Waiting 5s before force killing");
  CHECK(event("Killing", {{"kill_timeout", "5s"}}) == "Sent interrupt. Waiting 5s before force killing");
  CHECK(event("Driver Failure", {{"driver_error", "no such file"}}) == "no such file");
  CHECK(event("Driver Failure", {}) == "Failed to start task");
  CHECK(event("Sibling Task Failed", {{"failed_sibling", "db"}}) == "Task's sibling \"db\" failed");
  CHECK(event("Task hook failed", {{"message", "logmon"}}) == "logmon");

  const auto alloc = AllocBuilder(JobBuilder().share(), NodeBuilder().share()).with([](Allocation& a) {
    a.task_states["server"].events = {{"Started", WallTime{7}, "", {}}};
  }).build();
  CHECK(at(alloc_to_api(alloc, ""), {"TaskStates", "server", "Events", "0", "DisplayMessage"}) ==
        "\"Task started by client\"");
}

TEST_CASE("an evaluation's answer leaves zeros out", "[model][api]") {
  auto eval = EvalBuilder(5).status(EvalStatus::blocked).build();
  const auto json = eval_to_api(eval);
  CHECK(at(json, {"Status"}) == "\"blocked\"");
  CHECK(at(json, {"Wait"}).empty());
  CHECK(at(json, {"NodeID"}).empty());
  CHECK(at(json, {"CreateIndex"}) == "5");
  CHECK(at(eval_to_api(eval, Shape::v0_1_2), {"Status"}) == "\"complete\"");
  eval.status = EvalStatus::canceled;
  CHECK(at(eval_to_api(eval, Shape::v0_1_2), {"Status"}) == "\"failed\"");
}

TEST_CASE("a node's answer has resources in both forms and no secret", "[model][api]") {
  const auto node = NodeBuilder(1).reserved(500, 256).attribute("cpu.numcores", "8").attribute("nomad.version", "1.1.0")
                        .with([](Node& n) {
    n.reserved.networks.emplace_back();
    for (const auto port : {8501, 22, 8500, 80, 8502, 80}) n.reserved.networks[0].reserved_ports.push_back({"p", port});
    n.status_updated_at = {1'700'000'000'123'456'789};
  }).build();
  const auto json = node_to_api(node);
  CHECK(json.find(node.secret_id) == std::string::npos);
  CHECK(at(json, {"SecretID"}) == "\"\"");
  CHECK(at(json, {"Resources", "CPU"}) == "4000");
  CHECK(at(json, {"NodeResources", "Cpu"}) == R"({"CpuShares":4000,"TotalCpuCores":8,"ReservableCpuCores":null})");
  CHECK(at(json, {"NodeResources", "NodeNetworks", "0", "Addresses", "0", "Address"}) == "\"192.168.0.100\"");
  CHECK(at(json, {"ReservedResources", "Networks", "ReservedHostPorts"}) == "\"22,80,8500-8502\"");
  CHECK(at(json, {"Drain"}) == "false");
  CHECK(at(json, {"DrainStrategy"}) == "null");
  CHECK(at(json, {"StatusUpdatedAt"}) == "1700000000");
  CHECK(at(json, {"Attributes", "cpu.numcores"}) == "\"8\"");
  CHECK(at(node_to_api(node, Shape::v0_1_2), {"Reserved", "Networks", "0", "ReservedPorts"}) == "[8501,22,8500,80,8502,80]");

  const auto stub = node_stub_to_api(node);
  CHECK(at(stub, {"Address"}) == "\"192.168.0.100\"");
  CHECK(at(stub, {"Version"}) == "\"1.1.0\"");
  CHECK(at(stub, {"NodeResources"}).empty());
  CHECK(at(node_stub_to_api(node, true), {"NodeResources", "Memory", "MemoryMB"}) == "8192");
}

TEST_CASE("a job's stub counts its allocations", "[model][api]") {
  const auto job = JobBuilder().count(3).share();
  const auto node = NodeBuilder().share();
  const std::vector<AllocPtr> allocs = {AllocBuilder(job, node, 0).client(ClientStatus::running).share(),
                                        AllocBuilder(job, node, 1).client(ClientStatus::failed).share(),
                                        AllocBuilder(job, node, 2).share()};
  const auto summary = summarize(*job, allocs, {{"web", 1}, {"gone", 4}});
  const auto json = job_stub_to_api(*job, summary);
  CHECK(at(json, {"JobSummary", "Summary", "web"}) ==
        R"({"Queued":1,"Complete":0,"Failed":1,"Running":1,"Starting":1,"Lost":0})");
  CHECK(at(json, {"JobSummary", "Summary", "gone"}).empty());
  CHECK(at(json, {"Periodic"}) == "false");
  CHECK(at(json, {"Multiregion"}) == "null");
}
