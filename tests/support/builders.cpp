// SPDX-License-Identifier: MPL-2.0
#include "tests/support/builders.h"

#include <cstdio>

namespace test {

using namespace core;
using namespace core::model;

std::string uuid(std::uint64_t n) {
  char text[37];
  std::snprintf(text, sizeof text, "00000000-0000-4000-8000-%012llx", static_cast<unsigned long long>(n));
  return text;
}

// ---- jobs ------------------------------------------------------------------------------------

JobBuilder::JobBuilder(std::string id) {
  value_.id.text = std::move(id);
  value_.datacenters = {"dc1"};
}
JobBuilder& JobBuilder::type(std::string type) {
  return with([&](Job& j) { j.type = std::move(type); });
}
JobBuilder& JobBuilder::priority(std::int64_t priority) {
  return with([&](Job& j) { j.priority = priority; });
}
JobBuilder& JobBuilder::version(std::uint64_t version) {
  return with([&](Job& j) { j.version = version; });
}
JobBuilder& JobBuilder::index(std::uint64_t create, std::uint64_t modify) {
  return with([&](Job& j) {
    j.create_index = {create};
    j.modify_index = j.job_modify_index = {modify};
  });
}
JobBuilder& JobBuilder::stopped() {
  return with([](Job& j) { j.stop = true; });
}
JobBuilder& JobBuilder::constraint(std::string ltarget, std::string operand, std::string rtarget) {
  value_.constraints.push_back({std::move(ltarget), std::move(rtarget), std::move(operand)});
  return *this;
}
JobBuilder& JobBuilder::update(std::int64_t max_parallel, Duration stagger) {
  value_.update.max_parallel = max_parallel;
  value_.update.stagger = stagger;
  return *this;
}
JobBuilder& JobBuilder::group(std::string name, std::int64_t count) {
  value_.groups.emplace_back();
  value_.groups.back().name = std::move(name);
  value_.groups.back().count = count;
  return *this;
}
TaskGroup& JobBuilder::last_group() {
  if (value_.groups.empty()) group("web");
  return value_.groups.back();
}
JobBuilder& JobBuilder::count(std::int64_t count) {
  last_group().count = count;
  return *this;
}
JobBuilder& JobBuilder::task(std::string name, std::int64_t cpu, std::int64_t memory_mb) {
  Task task;
  task.name = std::move(name);
  task.driver = "raw_exec";
  task.config["command"] = json::Raw{"\"/bin/true\""};
  task.resources.emplace();
  task.resources->cpu = cpu;
  task.resources->memory_mb = memory_mb;
  last_group().tasks.push_back(std::move(task));
  return *this;
}
NetworkResource& JobBuilder::network() {
  auto& networks = last_group().networks;
  if (networks.empty()) networks.emplace_back();
  return networks.front();
}
JobBuilder& JobBuilder::port(std::string label) {
  network().dynamic_ports.push_back({.label = std::move(label)});
  return *this;
}
JobBuilder& JobBuilder::static_port(std::string label, std::int64_t number) {
  network().reserved_ports.push_back({.label = std::move(label), .value = number});
  return *this;
}
Job JobBuilder::build() const {
  auto copy = *this;
  copy.last_group();
  auto job = copy.value_;
  for (auto& group : job.groups) {
    if (!group.tasks.empty()) continue;
    auto only = JobBuilder().task("server");
    group.tasks = only.value_.groups.front().tasks;
  }
  canonicalize(job, "global");
  return job;
}

// ---- nodes -----------------------------------------------------------------------------------

namespace {

StringMap added(const StringMap& map, std::string key, std::string value) {
  auto entries = map.to_map();
  entries.insert_or_assign(std::move(key), std::move(value));
  return entries;
}

}  // namespace

NodeBuilder::NodeBuilder(std::uint64_t n) {
  value_.id.text = uuid(n);
  value_.name = "node-" + std::to_string(n);
  value_.secret_id = uuid(n + 0x5ec0000);
  value_.datacenter = "dc1";
  value_.http_addr = "192.168.0.100:4646";
  value_.status = NodeStatus::ready;
  value_.attributes = std::map<std::string, std::string>{
      {"cpu.arch", "amd64"}, {"kernel.name", "linux"}, {"unique.hostname", value_.name}};
  resources(4000, 8192);
  NetworkResource network;
  network.device = "eth0";
  network.cidr = "192.168.0.100/32";
  network.ip = "192.168.0.100";
  network.mbits = 1000;
  value_.resources.networks = {network};
  driver("exec");
  driver("raw_exec");
}
NodeBuilder& NodeBuilder::id(std::string id) {
  return with([&](Node& n) { n.id.text = std::move(id); });
}
NodeBuilder& NodeBuilder::datacenter(std::string datacenter) {
  return with([&](Node& n) { n.datacenter = std::move(datacenter); });
}
NodeBuilder& NodeBuilder::node_class(std::string node_class) {
  return with([&](Node& n) { n.node_class = std::move(node_class); });
}
NodeBuilder& NodeBuilder::resources(std::int64_t cpu, std::int64_t memory_mb, std::int64_t disk_mb) {
  return with([&](Node& n) {
    n.resources.cpu = cpu;
    n.resources.memory_mb = memory_mb;
    n.resources.disk_mb = disk_mb;
  });
}
NodeBuilder& NodeBuilder::reserved(std::int64_t cpu, std::int64_t memory_mb, std::int64_t disk_mb) {
  return with([&](Node& n) {
    n.reserved.cpu = cpu;
    n.reserved.memory_mb = memory_mb;
    n.reserved.disk_mb = disk_mb;
  });
}
NodeBuilder& NodeBuilder::driver(std::string name, bool healthy) {
  value_.drivers.change([&](auto& drivers) {
    drivers[name].detected = true;
    drivers[name].healthy = healthy;
  });
  return attribute("driver." + name, "1");
}
NodeBuilder& NodeBuilder::attribute(std::string key, std::string value) {
  return with([&](Node& n) { n.attributes = added(n.attributes, std::move(key), std::move(value)); });
}
NodeBuilder& NodeBuilder::meta(std::string key, std::string value) {
  return with([&](Node& n) { n.meta = added(n.meta, std::move(key), std::move(value)); });
}
NodeBuilder& NodeBuilder::status(NodeStatus status) {
  return with([&](Node& n) { n.status = status; });
}
NodeBuilder& NodeBuilder::ineligible() {
  return with([](Node& n) { n.eligibility = Eligibility::ineligible; });
}
NodeBuilder& NodeBuilder::draining(Duration deadline) {
  value_.drain.emplace();
  value_.drain->deadline = deadline;
  return ineligible();
}
NodeBuilder& NodeBuilder::index(std::uint64_t create, std::uint64_t modify) {
  value_.create_index = {create};
  value_.modify_index = {modify};
  return *this;
}
Node NodeBuilder::build() const {
  auto node = value_;
  node.computed_class = compute_class(node);
  return node;
}

// ---- allocations and evaluations -------------------------------------------------------------

AllocBuilder::AllocBuilder(JobPtr job, const NodePtr& node, std::uint64_t name_index)
    : name_index_(name_index) {
  value_.id.text = uuid(std::hash<std::string>{}(job->id.text + node->id.text) % 0xffff00 + name_index);
  value_.ns = job->ns;
  value_.node_id = node->id;
  value_.node_name = node->name;
  value_.job_id = job->id;
  value_.job_version = job->version;
  value_.job = std::move(job);
  group(value_.job->groups.front().name);
}
AllocBuilder& AllocBuilder::id(std::string id) {
  return with([&](Allocation& a) { a.id.text = std::move(id); });
}
AllocBuilder& AllocBuilder::group(const std::string& name) {
  const auto* group = value_.job->group(name);
  ASSERT(group != nullptr);
  value_.task_group = name;
  value_.name = alloc_name(value_.job_id, name, name_index_);
  value_.task_resources.clear();
  for (const auto& task : group->tasks) value_.task_resources.emplace(task.name, *task.resources);
  value_.shared.disk_mb = group->ephemeral_disk->size_mb;
  value_.shared.networks = group->networks;
  return *this;
}
AllocBuilder& AllocBuilder::eval(const EvalId& eval) {
  return with([&](Allocation& a) { a.eval_id = eval; });
}
AllocBuilder& AllocBuilder::desired(DesiredStatus status) {
  return with([&](Allocation& a) { a.desired_status = status; });
}
AllocBuilder& AllocBuilder::client(ClientStatus status) {
  return with([&](Allocation& a) { a.client_status = status; });
}
AllocBuilder& AllocBuilder::migrate() {
  return with([](Allocation& a) { a.desired_transition.migrate = true; });
}
AllocBuilder& AllocBuilder::index(std::uint64_t create, std::uint64_t modify) {
  return with([&](Allocation& a) {
    a.create_index = {create};
    a.modify_index = a.alloc_modify_index = {modify};
  });
}

EvalBuilder::EvalBuilder(std::uint64_t n, const Job& job) : EvalBuilder(n, job.id.text) {
  value_.ns = job.ns;
  value_.type = job.type;
  value_.priority = job.priority;
  value_.job_modify_index = job.job_modify_index;
}
EvalBuilder::EvalBuilder(std::uint64_t n, std::string job_id) {
  value_.id.text = uuid(n);
  value_.job_id.text = std::move(job_id);
  value_.type = "service";
  value_.triggered_by = trigger::kJobRegister;
  value_.create_index = value_.modify_index = {n};
}
EvalBuilder& EvalBuilder::priority(std::int64_t priority) {
  return with([&](Evaluation& e) { e.priority = priority; });
}
EvalBuilder& EvalBuilder::type(std::string type) {
  return with([&](Evaluation& e) { e.type = std::move(type); });
}
EvalBuilder& EvalBuilder::trigger(std::string triggered_by) {
  return with([&](Evaluation& e) { e.triggered_by = std::move(triggered_by); });
}
EvalBuilder& EvalBuilder::status(EvalStatus status) {
  return with([&](Evaluation& e) { e.status = status; });
}
EvalBuilder& EvalBuilder::node(const NodeId& node) {
  return with([&](Evaluation& e) { e.node_id = node; });
}
EvalBuilder& EvalBuilder::index(std::uint64_t create, std::uint64_t modify) {
  return with([&](Evaluation& e) {
    e.create_index = {create};
    e.modify_index = {modify};
  });
}

// ---- plans -----------------------------------------------------------------------------------

namespace {

std::uint32_t group_index(Plan& plan, const Allocation& alloc) {
  for (std::uint32_t i = 0; i < plan.groups.size(); ++i)
    if (plan.groups[i].name == alloc.task_group) return i;
  plan.groups.push_back({alloc.task_group, alloc.task_resources, alloc.shared});
  return static_cast<std::uint32_t>(plan.groups.size() - 1);
}

}  // namespace

Plan plan_of(const Evaluation& eval, const Job& job, const std::vector<AllocPtr>& place,
             const std::vector<AllocPtr>& stop) {
  Plan plan;
  plan.eval_id = eval.id;
  plan.priority = eval.priority;
  plan.all_at_once = job.all_at_once;
  plan.job = key(job);
  plan.job_version = job.version;
  for (const auto& alloc : place) {
    Placement placement;
    placement.id = alloc->id;
    placement.group = group_index(plan, *alloc);
    placement.name = alloc->name;
    placement.node_id = alloc->node_id;
    placement.node_name = alloc->node_name;
    if (!alloc->shared.networks.empty()) placement.networks[""] = alloc->shared.networks;
    for (const auto& [task, resources] : alloc->task_resources)
      if (!resources.networks.empty()) placement.networks[task] = resources.networks;
    placement.previous_allocation = alloc->previous_allocation;
    plan.placements.push_back(std::move(placement));
  }
  for (const auto& alloc : stop) {
    PlanStop gone;
    gone.id = alloc->id;
    gone.node_id = alloc->node_id;
    gone.description = desired::kNotNeeded;
    plan.stops.push_back(std::move(gone));
  }
  return plan;
}

}  // namespace test
