// SPDX-License-Identifier: MPL-2.0
// nomad-load: starts real agents and prints what they can do on this machine. NOMAD_BIN names the
// binary. With arguments only those scenarios run: start idle register heartbeat nodes read tasks commits three failover handover form leave log state.
// BENCH_ROUNDS says how often each is measured, with new agents every time (3; the last two, once).
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "core/base/fields.h"
#include "core/server/methods.h"
#include "tests/bench/load/consensus.h"
#include "tests/bench/load/measure.h"
#include "tests/bench/load/players.h"
#include "tests/bench/load/recovery.h"
#include "tests/integration/cluster.h"
#include "tests/integration/jobs.h"

namespace {

namespace cs = core::server;
using namespace bench;
using integration::Agent;
using integration::Directory;
using integration::await;

constexpr const char* kServerConfig =
    "server { enabled = true bootstrap_expect = 1 }\nlimits { rpc_max_conns_per_client = 0 http_max_conns_per_client = 0 }\nlog_level = \"WARN\"\n";
constexpr const char* kDevConfig = "limits { rpc_max_conns_per_client = 0 }\nlog_level = \"WARN\"\n";

bool leads(const Agent& agent) { return agent.get("/v1/status/leader").status == 200; }

struct Server {
  Server() : agent({.arguments = {}, .config = kServerConfig, .data_dir = data.path(), .ports = {}}) {
    agent.start();
    if (!await([&] { return leads(agent); })) std::printf("the server did not start:\n%s\n", agent.log().c_str());
  }
  Directory data;
  Agent agent;
};

struct Dev {
  Dev() : agent({.arguments = {"-dev"}, .config = kDevConfig, .data_dir = data.path(), .ports = {}}) {
    agent.start();
    if (!integration::ready(agent)) std::printf("the dev agent did not start:\n%s\n", agent.log().c_str());
  }
  Directory data;
  Agent agent;
};

std::string job(std::uint64_t number) { return integration::api_job("load-" + std::to_string(number), "sleep 1"); }

void start() {
  std::vector<double> samples;
  for (int i = 0; i < 5; ++i) {
    Directory data;
    Agent agent({.arguments = {}, .config = kServerConfig, .data_dir = data.path(), .ports = {}});
    const auto begun = Clock::now();
    agent.start();
    while (!leads(agent) && Clock::now() - begun < std::chrono::seconds(10)) {}
    samples.push_back(Seconds(Clock::now() - begun).count() * 1000);
  }
  row("start of a server until a leader answers", percentile(samples, 50), "ms");
}

void idle() {
  Dev dev;
  std::this_thread::sleep_for(std::chrono::seconds(2));
  const auto before = cpu_of(dev.agent.pid());
  std::this_thread::sleep_for(std::chrono::seconds(10));
  row("idle dev agent, resident", memory_of(dev.agent.pid()).resident_mb, "MB");
  row("idle dev agent, proportional", memory_of(dev.agent.pid()).proportional_mb, "MB");
  row("stripped binary", static_cast<double>(std::filesystem::file_size(integration::nomad({})[0])) / 1e6, "MB");
  row("idle CPU of a core", (cpu_of(dev.agent.pid()) - before).count() / 10 * 100, "%");
}

// Two rows: how many a second, and what each costs the agent on whichever of its threads.
void throughput(const Agent& agent, const std::string& what, std::uint64_t count, const std::function<Rate()>& load) {
  const auto before = cpu_of(agent.pid());
  const auto rate = load();
  const auto used = cpu_of(agent.pid()) - before;
  row(what, rate.per_second, "/s", "failed " + std::to_string(rate.failed));
  row(what + ", server CPU each", used.count() / static_cast<double>(count) * 1e6, "us");
}

void registrations() {
  Server server;
  std::uint64_t next = 0;
  const auto make = [&](std::uint64_t) { return HttpRequest{"/v1/jobs", job(next++)}; };
  const auto load = [&](std::uint64_t count, std::size_t connections) { return http_load(server.agent.ports().http, count, connections, make); };
  load(500, 1);
  throughput(server.agent, "durable job registrations over HTTP, 1 connection", 4000, [&] { return load(4000, 1); });
  throughput(server.agent, "durable job registrations over HTTP, 64 connections", 20000, [&] { return load(20000, 64); });
}

void heartbeats() {
  Server server;
  const auto port = server.agent.ports().rpc;
  const auto self = node(1);
  rpc_load(port, 1, 1, [&](auto) { return RpcRequest{cs::kMethodOf<cs::RegisterNode>, core::to_compact_json(cs::RegisterNode{self})}; });
  const auto body = core::to_compact_json(cs::UpdateNodeStatus{self.id, self.secret_id, core::model::NodeStatus::ready});
  throughput(server.agent, "heartbeats over RPC, 64 in flight", 400000, [&] {
    return rpc_load(port, 400000, 64, [&](auto) { return RpcRequest{cs::kMethodOf<cs::UpdateNodeStatus>, body}; });
  });
  throughput(server.agent, "node registrations, 64 in flight", 40000, [&] {
    return rpc_load(port, 40000, 64, [&](std::uint64_t number) {
      return RpcRequest{cs::kMethodOf<cs::RegisterNode>, core::to_compact_json(cs::RegisterNode{node(10 + number)})};
    });
  });
}

void connected_nodes() {
  Server server;
  constexpr std::uint64_t kNodes = 3000;
  const auto before = memory_of(server.agent.pid()).resident_mb;
  with_clients(server.agent.ports().rpc, kNodes, [&] {
    const auto after = memory_of(server.agent.pid()).resident_mb;
    row("server memory per connected node", (after - before) * 1024 / kNodes, "KB");
  });
}

void reads() {
  Server server;
  rpc_load(server.agent.ports().rpc, 5000, 64, [&](std::uint64_t number) {
    return RpcRequest{cs::kMethodOf<cs::RegisterNode>, core::to_compact_json(cs::RegisterNode{node(number)})};
  });
  const auto port = server.agent.ports().http;
  const auto list = http_load(port, 300, 1, [](auto) { return HttpRequest{"/v1/nodes", ""}; });
  row("GET /v1/nodes, 5,000 nodes, 1 connection, p50", list.p50_ms, "ms");
  constexpr std::uint64_t kReads = 40000;
  // With one connection the server sleeps and is woken around each request, which in a virtual machine costs
  // more than the request; with several it finds the next one waiting.
  const auto cost = [&](const std::string& what, std::size_t connections, const std::function<std::string(std::uint64_t)>& target) {
    const auto before = cpu_of(server.agent.pid());
    const auto rate = http_load(port, kReads, connections, [&](std::uint64_t number) { return HttpRequest{target(number), ""}; });
    row(what + ", " + std::to_string(connections) + (connections == 1 ? " connection" : " connections") + ", server CPU per request",
        (cpu_of(server.agent.pid()) - before).count() / kReads * 1e6, "us", "failed " + std::to_string(rate.failed));
  };
  for (const std::size_t connections : {1, 16}) {
    cost("GET /v1/node/<id>", connections, [](std::uint64_t number) { return "/v1/node/" + uuid(number % 5000); });
    // Next to no work: what a request costs in the kernel and in HTTP.
    cost("GET /v1/status/leader", connections, [](std::uint64_t) { return "/v1/status/leader"; });
  }
}

// Blocks on the job's allocations until all of them run.
double until_running(const Agent& agent, const std::string& id, std::size_t count) {
  const auto begun = Clock::now();
  std::uint64_t index = 0;
  for (;;) {
    const auto answer = agent.get("/v1/job/" + id + "/allocations?wait=2s&index=" + std::to_string(index));
    index = answer.index;
    std::size_t running = 0;
    for (auto at = answer.body.find("\"ClientStatus\":\"running\""); at != std::string::npos; at = answer.body.find("\"ClientStatus\":\"running\"", at + 1)) ++running;
    if (running >= count || Clock::now() - begun > std::chrono::seconds(20)) return Seconds(Clock::now() - begun).count() * 1000;
  }
}

std::vector<pid_t> executors(const Agent& agent) {
  auto found = descendants(agent.pid());
  std::erase_if(found, [](pid_t pid) { return command_of(pid).find("nomad executor") == std::string::npos; });
  return found;
}

// All that runs beside so many tasks of one driver, and the process that supervisors are forked from.
void beside_tasks(const Agent& agent, const std::string& driver, std::size_t tasks) {
  Memory sum, largest;
  const auto found = executors(agent);
  for (const auto pid : found) {
    const auto memory = memory_of(pid);
    sum.proportional_mb += memory.proportional_mb;
    largest.resident_mb = std::max(largest.resident_mb, memory.resident_mb);
  }
  row("beside each " + driver + " task, proportional", sum.proportional_mb / static_cast<double>(tasks), "MB",
      std::to_string(found.size()) + " processes for " + std::to_string(tasks) + " tasks");
  row("beside each " + driver + " task, resident (largest)", largest.resident_mb, "MB");
}

void tasks() {
  Dev dev;
  std::vector<double> samples;
  for (int i = 0; i < 20; ++i) {
    const auto id = "quick-" + std::to_string(i);
    const auto begun = Clock::now();
    dev.agent.put("/v1/jobs", integration::api_job(id, "while :; do sleep 1000; done"));
    until_running(dev.agent, id, 1);
    samples.push_back(Seconds(Clock::now() - begun).count() * 1000);
    dev.agent.remove("/v1/job/" + id);
  }
  row("job submitted until its task runs, p50", percentile(samples, 50), "ms");
  auto fifty = integration::api_job("fifty", "while :; do sleep 1000; done");
  fifty.replace(fifty.find("\"Count\":1"), 9, "\"Count\":50");
  fifty.replace(fifty.find("\"CPU\":20"), 8, "\"CPU\":10");
  fifty.replace(fifty.find("\"MemoryMB\":16"), 13, "\"MemoryMB\":10");
  const auto begun = Clock::now();
  dev.agent.put("/v1/jobs", fifty);
  until_running(dev.agent, "fifty", 50);
  row("50 tasks submitted until all run", Seconds(Clock::now() - begun).count(), "s");
  std::this_thread::sleep_for(std::chrono::seconds(3));  // until what is left of the twenty is removed
  const auto before = cpu_of(dev.agent.pid());
  std::this_thread::sleep_for(std::chrono::seconds(10));
  row("idle CPU of a core with 50 tasks", (cpu_of(dev.agent.pid()) - before).count() / 10 * 100, "%");
  beside_tasks(dev.agent, "raw_exec", 50);
  dev.agent.remove("/v1/job/fifty");
  auto isolated = integration::api_job("isolated", "while :; do sleep 1000; done");
  isolated.replace(isolated.find("\"Count\":1"), 9, "\"Count\":10");
  isolated.replace(isolated.find("raw_exec"), 8, "exec");
  integration::await([&] { return executors(dev.agent).size() == 1; });  // the fifty are gone, the one they came from is not
  dev.agent.put("/v1/jobs", isolated);
  until_running(dev.agent, "isolated", 10);
  beside_tasks(dev.agent, "exec", 10);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::pair<std::string, void (*)()>> scenarios{{"start", start}, {"idle", idle}, {"register", registrations},
                                                                  {"heartbeat", heartbeats}, {"nodes", connected_nodes}, {"read", reads}, {"tasks", tasks},
                                                                  {"commits", commits}, {"three", commits_of_three}, {"failover", failover}, {"handover", hand_over}, {"form", form}, {"leave", leave_of_leader}, {"log", long_log}, {"state", large_state}};
  const char* asked = std::getenv("BENCH_ROUNDS");
  const int rounds = asked != nullptr ? std::max(1, std::atoi(asked)) : 3;
  for (const auto& [name, run] : scenarios) {
    if (argc > 1 && std::find(argv + 1, argv + argc, name) == argv + argc) continue;
    const bool long_one = run == long_log || run == large_state;
    for (int round = 0; round < (long_one ? 1 : rounds); ++round) run();
    print_rows();
  }
  return 0;
}
