// SPDX-License-Identifier: MPL-2.0
#include "tests/bench/load/recovery.h"

#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "core/base/fields.h"
#include "core/server/methods.h"
#include "tests/bench/load/measure.h"
#include "tests/bench/load/players.h"
#include "tests/integration/cluster.h"
#include "tests/integration/jobs.h"

namespace bench {
namespace {

namespace cs = core::server;
using namespace std::chrono_literals;
using integration::Agent;
using integration::await;
using integration::Directory;

// Nodes that nobody plays stay.
std::string config(std::uint64_t snapshot_every) {
  return "server { enabled = true bootstrap_expect = 1 snapshot_every = " + std::to_string(snapshot_every) + " heartbeat_grace = \"24h\" }\n"
         "limits { rpc_max_conns_per_client = 0 http_max_conns_per_client = 0 }\nlog_level = \"WARN\"\n";
}
constexpr std::uint64_t kNever = 100'000'000, kSoon = 100;  // entries: a snapshot is taken when asked for; on the next start
constexpr std::uint64_t kEntries = 1'000'000;
constexpr std::uint64_t kNodes = 1000, kAllocsPerJob = 1000;
constexpr std::uint64_t kJobs = 1000, kJobsOfGigabyte = 1250;  // whose state is a snapshot of more than 1 GB

bool serves(const Agent& agent) { return agent.get("/v1/jobs?prefix=none").status == 200; }

// Asks without haste: whoever asks again at once takes a processor from the start that is measured.
double seconds_until_serving(Agent& agent) {
  const auto begun = Clock::now();
  agent.start();
  while (!serves(agent) && Clock::now() - begun < 300s) std::this_thread::sleep_for(1ms);
  return Seconds(Clock::now() - begun).count();
}

void kill(Agent& agent) {
  agent.signal(SIGKILL);
  agent.wait();
}

void rows_of_restarts(Agent& agent, const Directory& data, const std::string& state, const std::string& note = "") {
  const auto restart = [&](const std::string& what) {
    row("killed with " + state + what + ", until it serves", seconds_until_serving(agent), "s", note);
    row("resident memory, started with " + state + what, memory_of(agent.pid()).resident_mb, "MB", note);
  };
  kill(agent);
  restart("");
  kill(agent);
  for (const auto* name : {"state.db", "state.db-wal", "state.db-shm"}) std::filesystem::remove(data.path() + "/server/" + name);
  restart(", state database lost");
}

// Of the snapshots that Raft has made.
std::uintmax_t megabytes_of_snapshots(const Directory& data) {
  std::uintmax_t bytes = 0;
  for (const auto& file : std::filesystem::directory_iterator(data.path() + "/server/snapshots"))
    if (file.path().extension() == ".db") bytes += file.file_size();
  return bytes / 1'000'000;
}

// Has Raft make a snapshot of all that it has, and starts again with it.
void take_snapshot(Agent& agent, const Directory& data) {
  const auto restart = [&](std::uint64_t snapshot_every) {
    kill(agent);
    agent.configure(config(snapshot_every));
    seconds_until_serving(agent);
  };
  restart(kSoon);
  await([&] { return megabytes_of_snapshots(data) > 0; }, 5min);
  restart(kNever);
}

void register_nodes(int port, std::uint64_t count, std::int64_t times_as_large) {
  rpc_load(port, count, 64, [&](std::uint64_t number) {
    auto made = node(number);
    made.resources.cpu *= times_as_large;
    made.resources.memory_mb *= times_as_large;
    made.resources.disk_mb *= times_as_large;
    return RpcRequest{cs::kMethodOf<cs::RegisterNode>, core::to_compact_json(cs::RegisterNode{made})};
  });
}

std::string large_job(std::uint64_t number) {
  auto job = integration::api_job("large-" + std::to_string(number), "sleep 1000", 10);
  return job.replace(job.find("\"Count\":1"), 9, "\"Count\":" + std::to_string(kAllocsPerJob));
}

// Writes one after the other until it is `over`; how long each took, in milliseconds.
std::vector<double> write_until(const Agent& agent, const std::function<bool()>& over) {
  std::vector<double> took;
  for (std::uint64_t i = 0; !over(); ++i) {
    const auto begun = Clock::now();
    agent.put("/v1/jobs", integration::api_job("small-" + std::to_string(i % 64), "exit 0", 10));
    took.push_back(Seconds(Clock::now() - begun).count() * 1000);
  }
  return took;
}

std::vector<double> write_during(const Agent& agent, const std::function<void()>& work) {
  std::atomic<bool> done = false;
  std::vector<double> took;
  std::thread writer([&] { took = write_until(agent, [&] { return done.load(); }); });
  work();
  done = true;
  writer.join();
  return took;
}

void rows_of_writes(const std::string& what, const std::vector<double>& took, const std::string& note) {
  row("p50 " + what, percentile(took, 50), "ms", note);
  row("p99 " + what, percentile(took, 99), "ms", note);
  row("longest " + what, percentile(took, 100), "ms", note);
}

std::uint64_t allocations(const Agent& agent) { return std::strtoull(agent.sql("SELECT count(*) FROM alloc").c_str(), nullptr, 10); }

// Registers large jobs from number `first` up to `end` and waits until they are placed; the seconds it took.
double place(const Agent& agent, std::uint64_t first, std::uint64_t end) {
  const auto begun = Clock::now();
  http_load(agent.ports().http, end - first, 4, [&](std::uint64_t number) { return HttpRequest{"/v1/jobs", large_job(first + number)}; });
  await([&] { return allocations(agent) >= end * kAllocsPerJob; }, 20min);
  return Seconds(Clock::now() - begun).count();
}

}  // namespace

void long_log() {
  Directory data;
  Agent agent({.arguments = {}, .config = config(kNever), .data_dir = data.path(), .ports = {}, .patience = 300s});
  agent.start();
  await([&] { return serves(agent); });
  register_nodes(agent.ports().rpc, kNodes, 1);
  rpc_load(agent.ports().rpc, kEntries, 256, [](std::uint64_t number) {
    const auto eligible = number / kNodes % 2 == 0 ? core::model::Eligibility::ineligible : core::model::Eligibility::eligible;
    return RpcRequest{cs::kMethodOf<cs::SetEligibility>, core::to_compact_json(cs::SetEligibility{core::NodeId{uuid(number % kNodes)}, eligible})};
  });
  rows_of_restarts(agent, data, "1,000,000 entries since the snapshot");
}

void large_state() {
  Directory data, files;
  Agent agent({.arguments = {}, .config = config(kNever), .data_dir = data.path(), .ports = {}, .patience = 300s});
  agent.start();
  await([&] { return serves(agent); });
  register_nodes(agent.ports().rpc, kNodes, 10);
  const auto took = place(agent, 0, kJobs);
  row("1,000,000 allocations placed", kJobs * kAllocsPerJob / took, "/s", std::to_string(allocations(agent)) + " allocations");
  take_snapshot(agent, data);
  rows_of_restarts(agent, data, "a snapshot of 1,000,000 allocations", std::to_string(megabytes_of_snapshots(data)) + " MB");
  place(agent, kJobs, kJobsOfGigabyte);
  const auto note = std::to_string(allocations(agent)) + " allocations";
  const auto quiet_until = Clock::now() + 10s;
  rows_of_writes("of the writes one after another for 10 s", write_until(agent, [&] { return Clock::now() >= quiet_until; }), note);
  Seconds taken{};
  const auto during = write_during(agent, [&] {
    const auto asked = Clock::now();
    agent.cli({"operator", "snapshot", "save", files.path() + "/large.snap"});
    taken = Clock::now() - asked;
  });
  const auto bytes = std::filesystem::exists(files.path() + "/large.snap") ? std::filesystem::file_size(files.path() + "/large.snap") : 0;
  rows_of_writes("of them while a snapshot is taken", during, std::to_string(bytes / 1'000'000) + " MB in " + std::to_string(taken.count()) + " s");
}

}  // namespace bench
