// SPDX-License-Identifier: MPL-2.0
#include "tests/sim/workload.h"

#include <utility>

namespace sim {
namespace {

using namespace std::chrono_literals;
using core::model::ClientStatus;
using core::server::Answer;

constexpr core::Duration kUserPause = 60ms;
constexpr core::Duration kClientPause = 900ms;

std::string uuid(const char* prefix, std::size_t number) {
  auto tail = std::to_string(number);
  return std::string(prefix) + "-0000-4000-8000-" + std::string(12 - tail.size(), '0') + tail;
}

core::JobId job_id(std::size_t number) { return core::JobId{"job-" + std::to_string(number)}; }

}  // namespace

Workload::Workload(World& world, std::size_t nodes, std::size_t jobs, Submit submit, View view)
    : world_(world), node_count_(nodes), job_count_(jobs), submit_(std::move(submit)), view_(std::move(view)) {}

void Workload::start() {
  for (std::size_t i = 0; i < node_count_; ++i) world_.after(world_.rng().jitter(kClientPause), [this, i] { client(i); });
  world_.after(kUserPause, [this] { user(); });
}

void Workload::user() {
  if (!users_) return;
  const auto job = static_cast<std::size_t>(world_.rng().below(job_count_));
  if (world_.rng().chance(200)) stop_job(job);
  else register_job(job);
  world_.after(world_.rng().jitter(kUserPause), [this] { user(); });
}

void Workload::register_job(std::size_t number) {
  core::model::Job job;
  job.id = job_id(number);
  job.datacenters = {"dc1"};
  job.type = number % 3 == 0 ? "batch" : "service";
  job.groups.resize(1);
  auto& group = job.groups[0];
  group.name = "g";
  group.count = static_cast<std::int64_t>(1 + world_.rng().below(4));
  group.tasks.resize(1);
  auto& task = group.tasks[0];
  task.name = "t";
  task.driver = "mock_driver";
  task.resources.emplace();
  task.resources->cpu = 100 + static_cast<std::int64_t>(world_.rng().below(4)) * 100;
  task.resources->memory_mb = 64;
  if (number % 2 == 0) {
    task.resources->networks.resize(1);
    task.resources->networks[0].dynamic_ports.resize(1);
    task.resources->networks[0].dynamic_ports[0].label = "http";
  }
  const auto id = job.id;
  submit_(core::server::RegisterJob{.job = std::move(job), .enforce_index = false, .job_modify_index = {}, .preserve_counts = false},
          [this, id](core::Result<Answer> answer) {
            if (!answer.ok()) return;
            ++acknowledged_;
            auto& known = known_jobs_[id];
            if (answer->index > known.index) known = {.index = answer->index, .stopped = false};
          });
}

void Workload::stop_job(std::size_t number) {
  const auto id = job_id(number);
  submit_(core::server::DeregisterJob{.job = {"default", id}, .purge = false}, [this, id](core::Result<Answer> answer) {
    if (!answer.ok()) return;
    ++acknowledged_;
    const auto it = known_jobs_.find(id);
    if (it != known_jobs_.end() && answer->index > it->second.index) it->second = {.index = answer->index, .stopped = true};
  });
}

core::model::Node Workload::node(std::size_t number) const {
  core::model::Node node;
  node.id = core::NodeId{uuid("aaaaaaaa", number)};
  node.secret_id = uuid("bbbbbbbb", number);
  node.datacenter = "dc1";
  node.name = "node-" + std::to_string(number);
  node.attributes = core::model::StringMap({{"kernel.name", "linux"}, {"driver.mock_driver", "1"}, {"unique.hostname", node.name}});
  node.drivers["mock_driver"] = {.attributes = {}, .detected = true, .healthy = true, .health_description = "", .update_time = {}};
  node.resources.cpu = 2000;
  node.resources.memory_mb = 2048;
  node.resources.disk_mb = 20000;
  node.resources.networks.resize(1);
  node.resources.networks[0].device = "eth0";
  node.resources.networks[0].ip = "10.0.0." + std::to_string(number + 1);
  node.resources.networks[0].cidr = node.resources.networks[0].ip + "/32";
  node.resources.networks[0].mbits = 1000;
  node.status = core::model::NodeStatus::ready;
  return node;
}

void Workload::client(std::size_t number) {
  const auto self = node(number);
  const auto view = view_();
  const auto registered = view ? view->node(self.id) : nullptr;
  if (!registered) {
    submit_(core::server::RegisterNode{self}, [this, id = self.id](core::Result<Answer> answer) {
      if (!answer.ok()) return;
      ++acknowledged_;
      known_nodes_[id] = std::max(known_nodes_[id], answer->index);
    });
  } else if (view->index() >= seen_[self.id]) {
    seen_[self.id] = view->index();
    submit_(core::server::UpdateNodeStatus{.node = self.id, .secret_id = self.secret_id, .status = core::model::NodeStatus::ready},
            [](const auto&) {});
    report(self, *view);
  }
  world_.after(kClientPause / 2 + world_.rng().jitter(kClientPause), [this, number] { client(number); });
}

// Runs what it is given: pending becomes running, batch work ends after a while, now and then badly.
void Workload::report(const core::model::Node& self, const core::model::StateView& view) {
  core::server::UpdateAllocs update{.node = self.id, .secret_id = self.secret_id, .allocs = {}};
  for (const auto& alloc : view.allocs_on(self.id)) {
    if (alloc->client_terminal()) continue;
    auto next = alloc->client_status;
    if (alloc->server_terminal()) next = ClientStatus::complete;
    else if (next == ClientStatus::pending) next = ClientStatus::running;
    else if (alloc->job->type == "batch" && world_.rng().chance(300)) next = world_.rng().chance(200) ? ClientStatus::failed : ClientStatus::complete;
    if (next == alloc->client_status) continue;
    update.allocs.push_back({.id = alloc->id, .client_status = next, .client_description = "", .task_states = {}});
  }
  if (!update.allocs.empty()) submit_(std::move(update), [](const auto&) {});
}

}  // namespace sim
