// SPDX-License-Identifier: MPL-2.0
#include "tests/bench/load/consensus.h"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "core/base/fields.h"
#include "core/server/methods.h"
#include "tests/bench/load/measure.h"
#include "tests/bench/load/players.h"
#include "tests/integration/gossip.h"
#include "tests/integration/jobs.h"
#include "tests/integration/servers.h"

namespace bench {
namespace {

namespace cs = core::server;
using integration::Agent;
using integration::Servers;
using integration::await;

constexpr const char* kConfig = "server { enabled = true bootstrap_expect = 1 }\nlimits { rpc_max_conns_per_client = 0 }\nlog_level = \"WARN\"\n";
constexpr std::uint64_t kNodes = 512;

// Small writes that make no other work: nodes become eligible, and ineligible again.
RpcRequest write(std::uint64_t number) {
  const auto eligible = number / kNodes % 2 == 0 ? core::model::Eligibility::ineligible : core::model::Eligibility::eligible;
  return {cs::kMethodOf<cs::SetEligibility>, core::to_compact_json(cs::SetEligibility{core::NodeId{uuid(number % kNodes)}, eligible})};
}

void measure(const std::string& what, int port, std::uint64_t few) {
  rpc_load(port, kNodes, 64, [](std::uint64_t number) {
    return RpcRequest{cs::kMethodOf<cs::RegisterNode>, core::to_compact_json(cs::RegisterNode{node(number)})};
  });
  for (const std::size_t clients : {1, 64, 256}) {
    const auto rate = rpc_load(port, clients == 1 ? few : few * 8, clients, write);
    const auto name = "commits, " + what + ", " + std::to_string(clients) + " in flight";
    row(name, rate.per_second, "/s", "failed " + std::to_string(rate.failed));
    row(name + ", p99", rate.p99_ms, "ms");
  }
}

// Writes one after the other through some servers, from a thread of its own; remembers when the last was
// acknowledged, and the longest time without one.
class Writers {
 public:
  explicit Writers(std::vector<const Agent*> through) : through_(std::move(through)), thread_([this] { run(); }) {}
  ~Writers() { stop(); }
  void stop() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
  }
  std::uint64_t written() const { return written_; }
  std::uint64_t failed() const { return failed_; }
  double longest_ms() const {
    const std::lock_guard lock(mutex_);
    return longest_.count() * 1000;
  }
  void forget_longest() {
    const std::lock_guard lock(mutex_);
    longest_ = Seconds(0);
  }

 private:
  void run() {
    auto last = Clock::now();
    for (std::uint64_t i = 0; !stopping_; ++i) {
      const auto answer = through_[i % through_.size()]->put("/v1/jobs", integration::api_job("write-" + std::to_string(i % 64), "exit 0"));
      if (answer.status != 200) {
        ++failed_;
        continue;
      }
      ++written_;
      const std::lock_guard lock(mutex_);
      longest_ = std::max(longest_, Seconds(Clock::now() - last));
      last = Clock::now();
    }
  }

  std::vector<const Agent*> through_;
  std::atomic<bool> stopping_ = false;
  std::atomic<std::uint64_t> written_ = 0, failed_ = 0;
  mutable std::mutex mutex_;
  Seconds longest_{0};
  std::thread thread_;
};

}  // namespace

void commits() {
  integration::Directory data;
  Agent agent({.arguments = {}, .config = kConfig, .data_dir = data.path(), .ports = {}});
  agent.start();
  await([&] { return agent.get("/v1/status/leader").status == 200; });
  measure("one server", agent.ports().rpc, 3000);
}

void commits_of_three() {
  Servers servers;
  measure("three servers", servers[servers.leader()].ports().rpc, 2000);
}

void failover() {
  Servers servers;
  std::vector<double> gaps;
  for (int round = 0; round < 20; ++round) {
    if (!await([&] { return servers.leader() >= 0; })) return;
    const int leader = servers.leader();
    const auto other = (leader + 1 + round % 2) % 3;
    servers[other].put("/v1/jobs", integration::api_job("before", "exit 0"));
    const auto begun = Clock::now();
    servers.kill(leader);
    while (servers[other].put("/v1/jobs", integration::api_job("after-" + std::to_string(round), "exit 0")).status != 200 &&
           Clock::now() - begun < std::chrono::seconds(20)) {
    }
    gaps.push_back(Seconds(Clock::now() - begun).count() * 1000);
    servers[leader].start();
    await([&] { return servers[leader].get("/v1/jobs").status == 200; });
  }
  row("kill -9 of the leader until the next write, p50", percentile(gaps, 50), "ms");
  row("kill -9 of the leader until the next write, worst", percentile(gaps, 100), "ms", "of 20");
}

void hand_over() {
  Servers servers;
  Writers writers({&servers[0], &servers[1], &servers[2]});
  std::vector<double> gaps;
  for (int round = 0; round < 10; ++round) {
    const auto enough = writers.written() + 20;
    await([&] { return writers.written() >= enough; });
    writers.forget_longest();
    const int before = servers.leader();
    if (before < 0) continue;
    servers[before].put("/v1/operator/raft/transfer-leadership", "");
    const auto behind = writers.written() + 5;
    await([&] { return writers.written() >= behind; });
    gaps.push_back(writers.longest_ms());
  }
  writers.stop();
  row("planned hand-over, longest time without a write, p50", percentile(gaps, 50), "ms", "failed writes " + std::to_string(writers.failed()));
}

void form() {
  const auto begun = Clock::now();
  integration::Region region("global", 3);
  const bool formed = region.formed();
  row("three servers from their start until all know the leader", Seconds(Clock::now() - begun).count(), "s", formed ? "" : "not formed");
}

void leave_of_leader() {
  integration::Region region("global", 3, "", "leave_on_interrupt = true\n");
  if (!region.formed()) return;
  int leader = 0;
  while (leader < 2 && region[leader].get("/v1/status/leader").body != "\"" + integration::rpc_of(region[leader].ports()) + "\"") ++leader;
  Writers writers({&region[(leader + 1) % 3], &region[(leader + 2) % 3]});
  await([&] { return writers.written() >= 20; });
  writers.forget_longest();
  region[leader].signal(SIGINT);
  region[leader].wait();
  const auto behind = writers.written() + 5;
  await([&] { return writers.written() >= behind; });
  writers.stop();
  row("leave of the leader, longest time without a write", writers.longest_ms(), "ms", "failed writes " + std::to_string(writers.failed()));
}

}  // namespace bench
