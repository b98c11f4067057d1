// SPDX-License-Identifier: MPL-2.0
#include "tests/sim/workload.h"

#include <utility>

namespace sim {
namespace {

using namespace std::chrono_literals;
using core::model::ClientStatus;
using core::server::Answer;

constexpr core::Duration kReaderPause = 80ms;
constexpr core::Duration kClientPause = 900ms;
// How long users go on asking for what was not answered, and how often: often enough to ask twice of a
// leader that is only slow.
constexpr core::Duration kInsist = 5s;
constexpr core::Duration kAskAgain = 400ms;
// Longer than a heartbeat may be late, now and then.
constexpr core::Duration kSilenceMost = 20s;

std::string uuid(const char* prefix, std::size_t number) {
  auto tail = std::to_string(number);
  return std::string(prefix) + "-0000-4000-8000-" + std::string(12 - tail.size(), '0') + tail;
}

core::JobId job_id(std::size_t number) { return core::JobId{"job-" + std::to_string(number)}; }

core::model::Node node_of(std::size_t number, std::int64_t cpu) {
  core::model::Node node;
  node.id = core::NodeId{uuid("aaaaaaaa", number)};
  node.secret_id = uuid("bbbbbbbb", number);
  node.datacenter = "dc1";
  node.name = "node-" + std::to_string(number);
  node.attributes = core::model::StringMap({{"kernel.name", "linux"}, {"driver.mock_driver", "1"}, {"unique.hostname", node.name}});
  node.drivers = core::model::Drivers{{"mock_driver", {.attributes = {}, .detected = true, .healthy = true, .health_description = "", .update_time = {}}}};
  node.resources.cpu = cpu;
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

// Nothing was decided, or nobody knows.
bool open_still(core::Errc code) {
  using core::Errc;
  return code == Errc::no_leader || code == Errc::unavailable || code == Errc::unknown_fate || code == Errc::busy || code == Errc::no_space;
}

}  // namespace

Workload::Workload(World& world, Ledger& ledger, Cluster& cluster, const Options& options)
    : world_(world), ledger_(ledger), cluster_(cluster), options_(options), rng_(world.rng().fork()) {}

void Workload::start() {
  for (std::size_t i = 0; i < options_.clients; ++i) world_.after(rng_.jitter(kClientPause), [this, i] { client(i); });
  world_.after(options_.user_pause, [this] { user(); });
  world_.after(kReaderPause, [this] { reader(); });
}

// A leader, now and then one that others have deposed; while nobody leads, anybody, who may refuse. Null if
// nobody is up.
Node* Workload::somebody() {
  auto* const node = rng_.chance(300) ? cluster_.claimant() : cluster_.leader();
  return node ? node : cluster_.any();
}

// May never be answered.
void Workload::submit(core::server::Command command, Told told) {
  auto* node = somebody();
  if (!node) return;
  const core::RequestId id{1, ++requests_};
  node->submit(std::move(command), id, [this, id, told = std::move(told)](core::Result<Answer> answer) {
    if (!answer.ok()) return;
    if (answer->index.value != 0) ledger_.on_acknowledged(id, answer->index);
    told(*answer);
  });
}

struct Workload::Asked {
  core::server::Command command;
  core::RequestId id;
  Told told;
  core::Instant until;
  bool answered = false;
};

void Workload::insist(core::server::Command command, Told told) {
  ask(std::make_shared<Asked>(Asked{std::move(command), {2, ++requests_}, std::move(told), world_.now() + kInsist, false}));
}

// Attempts may overlap, at one leader or at two, and each may be answered.
void Workload::ask(const std::shared_ptr<Asked>& asked) {
  if (asked->answered || world_.now() >= asked->until) return;
  if (auto* node = somebody())
    node->submit(asked->command, asked->id, [this, asked](core::Result<Answer> answer) {
      const bool first = !asked->answered;
      asked->answered = asked->answered || answer.ok() || !open_still(answer.error().code);
      if (!answer.ok()) return;
      if (answer->index.value != 0) ledger_.on_acknowledged(asked->id, answer->index);
      if (first) asked->told(*answer);
    });
  world_.after(kAskAgain / 4 + rng_.jitter(kAskAgain), [this, asked] { ask(asked); });
}

void Workload::user() {
  if (!users_) return;
  const auto job = static_cast<std::size_t>(rng_.below(options_.jobs));
  if (rng_.chance(200)) stop_job(job);
  else if (rng_.chance(30)) drain(rng_.below(options_.clients));
  else register_job(job);
  world_.after(rng_.jitter(options_.user_pause), [this] { user(); });
}

void Workload::reader() {
  if (!users_) return;
  auto* const leads = rng_.chance(400) ? cluster_.claimant() : nullptr;
  if (auto* node = leads != nullptr ? leads : cluster_.any())
    node->read([this, id = node->id(), floor = ledger_.read_floor()](const core::Result<Answer>& answer) {
      if (answer.ok()) ledger_.on_read(id, floor, answer->index);
    });
  world_.after(rng_.jitter(kReaderPause), [this] { reader(); });
}

void Workload::register_job(std::size_t number) {
  core::model::Job job;
  job.id = job_id(number);
  job.datacenters = {"dc1"};
  job.type = number % 3 == 0 ? "batch" : "service";
  job.groups.resize(1);
  auto& group = job.groups[0];
  group.name = "g";
  group.count = static_cast<std::int64_t>(1 + rng_.below(4));
  group.tasks.resize(1);
  auto& task = group.tasks[0];
  task.name = "t";
  task.driver = "mock_driver";
  task.resources.emplace();
  task.resources->cpu = 100 + static_cast<std::int64_t>(rng_.below(4)) * 100;
  task.resources->memory_mb = 64;
  if (number % 2 == 0) {
    task.resources->networks.resize(1);
    task.resources->networks[0].dynamic_ports.resize(1);
    task.resources->networks[0].dynamic_ports[0].label = "http";
  }
  const auto id = job.id;
  insist(core::server::RegisterJob{.job = std::move(job), .enforce_index = false, .job_modify_index = {}, .preserve_counts = false},
         [this, id](const Answer& answer) {
           auto& known = known_jobs_[id];
           if (answer.index > known.index) known = {.index = answer.index, .stopped = false};
         });
}

void Workload::stop_job(std::size_t number) {
  const auto id = job_id(number);
  insist(core::server::DeregisterJob{.job = {"default", id}, .purge = false}, [this, id](const Answer& answer) {
    const auto it = known_jobs_.find(id);
    if (it != known_jobs_.end() && answer.index > it->second.index) it->second = {.index = answer.index, .stopped = true};
  });
}

// Off for a while, then back in service.
void Workload::drain(std::size_t number) {
  const core::NodeId id{uuid("aaaaaaaa", number)};
  core::model::DrainStrategy strategy;
  strategy.deadline = std::chrono::seconds(rng_.between(1, 10));
  insist(core::server::DrainNode{.node = id, .drain = strategy, .mark_eligible = false}, [](const Answer&) {});
  world_.after(rng_.jitter(10s), [this, id] { bring_back(id); });
}

// Asked until it is answered: a node that stays away would leave work waiting for ever.
void Workload::bring_back(const core::NodeId& id) {
  auto done = std::make_shared<bool>(false);
  insist(core::server::DrainNode{.node = id, .drain = std::nullopt, .mark_eligible = true}, [done](const Answer&) { *done = true; });
  world_.after(1s, [this, id, done] {
    if (!*done) bring_back(id);
  });
}

void Workload::client(std::size_t number) {
  beat(number);
  const bool silent = users_ && rng_.chance(30);
  const auto pause = kClientPause / 2 + rng_.jitter(silent ? kSilenceMost : kClientPause);
  world_.after(pause, [this, number] { client(number); });
}

void Workload::beat(std::size_t number) {
  const auto* server = cluster_.any();
  if (!server) return;
  const auto self = node_of(number, options_.node_cpu);
  const auto view = server->server().view();
  auto& seen = seen_[self.id];
  if (view->index() < seen) return;  // an older state than it knows: another server may be asked next time
  seen = view->index();
  if (!view->node(self.id) || (users_ && rng_.chance(20))) {
    submit(core::server::RegisterNode{self}, [this, id = self.id](const Answer&) { known_nodes_.insert(id); });
  } else {
    submit(core::server::UpdateNodeStatus{.node = self.id, .secret_id = self.secret_id, .status = core::model::NodeStatus::ready},
           [](const Answer&) {});
    report(self, *view);
  }
}

// Runs what it is given: pending becomes running, batch work ends after a while, now and then badly.
void Workload::report(const core::model::Node& self, const core::model::StateView& view) {
  core::server::UpdateAllocs update{.node = self.id, .secret_id = self.secret_id, .allocs = {}};
  for (const auto& alloc : view.allocs_on(self.id)) {
    if (alloc->client_terminal()) continue;
    auto next = alloc->client_status;
    if (alloc->server_terminal()) next = ClientStatus::complete;
    else if (next == ClientStatus::pending) next = ClientStatus::running;
    else if (alloc->job->type == "batch" && rng_.chance(300)) next = rng_.chance(200) ? ClientStatus::failed : ClientStatus::complete;
    if (next == alloc->client_status) continue;
    update.allocs.push_back({.id = alloc->id, .client_status = next, .client_description = "", .task_states = {}});
  }
  if (!update.allocs.empty()) submit(std::move(update), [](const Answer&) {});
}

}  // namespace sim
